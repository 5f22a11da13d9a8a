//! Configurations that give way to what somebody set: the SSH client, chrony, PostgreSQL, MariaDB, the audit system.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "these tests read the templates")]

mod place;

use hostward_harden::check::Level;
use hostward_harden::config::{Entry, Rendering};
use place::Place;

/// The text that goes to a path.
fn text<'r>(rendering: &'r Rendering, path: &str) -> &'r str {
    match rendering.artifacts.iter().find(|own| own.path == path).map(|own| &own.entry) {
        Some(Entry::File(text, _)) => text,
        other => panic!("{path}: {other:?} in {rendering:?}"),
    }
}

fn kept(rendering: &Rendering) -> Vec<&str> {
    rendering.kept.iter().map(|own| own.what.as_str()).collect()
}

#[test]
fn the_ssh_client_keeps_what_was_said_for_some_hosts() {
    const PATH: &str = "/etc/ssh/ssh_config.d/00-hostward.conf";
    let plain = Place::new(&["ssh-client||hashknownhosts|yes"]).render("ssh-client");
    assert!(text(&plain, PATH).contains("\nHashKnownHosts yes\n") && plain.kept.is_empty(), "{plain:?}");
    let own = Place::new(&[
        "ssh-client|Host switch|kexalgorithms|+diffie-hellman-group1-sha1",
        "ssh-client||ciphers|3des-cbc",
        "ssh-client||forwardagent|yes",
    ]);
    let rendering = own.render("ssh-client");
    let ours = text(&rendering, PATH);
    assert!(!ours.contains("KexAlgorithms") && !ours.contains("ForwardAgent"), "{ours}");
    assert!(ours.contains("\nCiphers aes256-gcm"), "what is said for all is what is mended: {ours}");
    assert_eq!(kept(&rendering), ["KexAlgorithms +diffie-hellman-group1-sha1", "ForwardAgent yes"]);
}

#[test]
fn time_servers_of_ones_own_are_enough() {
    let debian = Place::new(&["time|chrony|server|2.debian.pool.ntp.org iburst"]).render("chrony");
    assert!(text(&debian, "/etc/chrony/sources.d/hostward.sources").contains(" nts"), "{debian:?}");
    let own = Place::new(&["time|chrony|server|ntp.example.com iburst"]).render("chrony");
    assert!(own.artifacts.is_empty(), "{own:?}");
    assert_eq!(kept(&own), ["server ntp.example.com iburst"]);
}

const CONF: &str = "/etc/postgresql/15/main/postgresql.conf";
const OTHER: &str = "/etc/postgresql/16/own/postgresql.conf";
const OURS: &str = "/etc/postgresql/15/main/conf.d/zz-hostward.conf";
const OURS_OTHER: &str = "/etc/postgresql/16/own/conf.d/zz-hostward.conf";

#[test]
fn each_cluster_has_a_log_of_its_own_and_what_somebody_set() {
    let place = Place::new(&[
        "postgresql|15/main|log_line_prefix|%m [%p] %q%u@%d ",
        "postgresql|16/own|log_line_prefix|%t [%p]: ",
        "postgresql|16/own|log_directory|/srv/log",
        "postgresql|16/own|password_encryption|md5",
    ]);
    let place = place.text(CONF, "include_dir = 'conf.d'\n").text(OTHER, "include_dir = 'conf.d'\n");
    let rendering = place.render("postgresql");
    let main = text(&rendering, OURS);
    for line in [
        "log_line_prefix = '%m [%p]: db=%d,user=%u,app=%a,client=%h '",
        "log_filename = 'postgresql-15-main-%a.log'",
        "password_encryption = 'scram-sha-256'",
        "ssl_min_protocol_version = 'TLSv1.3'",
    ] {
        assert!(main.lines().any(|own| own == line), "{line} is not in {main}");
    }
    let own = text(&rendering, OURS_OTHER);
    for key in ["log_line_prefix", "log_filename", "log_directory", "password_encryption"] {
        assert!(!own.contains(key), "{key} is in {own}");
    }
    assert!(own.contains("\nlogging_collector = on\n"), "{own}");
    let kept = kept(&rendering);
    assert_eq!(
        kept,
        [
            "16/own: log_directory /srv/log",
            "16/own: log_line_prefix %t [%p]: ",
            "16/own: password_encryption md5"
        ]
    );
    assert_eq!(place.after(&rendering).render("postgresql").artifacts, []);
}

#[test]
fn versions_of_tls_that_somebody_chose_stay() {
    let own = Place::new(&["mariadb||tls_version|TLSv1.1"]).file("/var/lib/mysql-files").render("mariadb");
    let ours = text(&own, "/etc/mysql/mariadb.conf.d/zz-hostward.cnf");
    assert!(!ours.contains("tls_version"), "{ours}");
    assert_eq!(kept(&own), ["tls_version TLSv1.1"]);
}

#[test]
fn a_full_disk_stops_a_host_only_when_somebody_says_so() {
    const PATH: &str = "/etc/audit/auditd.conf";
    let there = "# of Debian\nmax_log_file = 8\nadmin_space_left_action = SUSPEND\n";
    let place = || Place::new(&[]).text(PATH, there);
    let plain = place().render("auditd");
    let ours = text(&plain, PATH);
    assert!(
        ours.starts_with("# of Debian\nmax_log_file = 32\nadmin_space_left_action = SUSPEND\n"),
        "{ours}"
    );
    assert!(!ours.contains("keep_logs") && !ours.contains("\nspace_left_action"), "{ours}");
    let refused: Vec<&str> = plain.refused.iter().map(|own| own.what.as_str()).collect();
    assert_eq!(
        refused,
        ["space_left_action = email", "max_log_file_action = keep_logs", "admin_space_left_action = halt"]
    );
    let said = place()
        .file("/usr/lib/sendmail")
        .parameter("auditd.max_log_file_action", "keep_logs")
        .parameter("auditd.admin_space_left_action", "halt")
        .render("auditd");
    let ours = text(&said, PATH);
    for line in
        ["admin_space_left_action = halt", "max_log_file_action = keep_logs", "space_left_action = email"]
    {
        assert!(ours.lines().any(|own| own == line), "{line} is not in {ours}");
    }
    assert!(said.refused.is_empty(), "{said:?}");
}

#[test]
fn files_of_docker_are_watched_where_it_is() {
    const PATH: &str = "/etc/audit/rules.d/50-hostward.rules";
    let watches = |place: Place| text(&place.render("audit-rules"), PATH).contains("-w /etc/docker ");
    assert!(!watches(Place::new(&[])));
    assert!(watches(Place::new(&[]).file("/usr/bin/dockerd")));
    let mut basic = Place::new(&[]).file("/usr/bin/dockerd");
    basic.wish.level = Level::Basic;
    assert!(!watches(basic));
}
