//! nftables, nginx, MariaDB, Apache and sysctl for hosts of all kinds: what stays, what is refused, and that a second time changes nothing.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "these tests read the templates")]

mod place;

use expect_test::expect;
use hostward_harden::check::Level;
use place::{Place, why};

const LISTENING: [&str; 3] = ["listening||tcp/2222|0.0.0.0", "listening||udp/53|::", "sshd||port|2222"];

#[test]
fn what_is_listened_on_stays_open() {
    let rendering = Place::new(&LISTENING).render("nftables");
    let rules: String = rendering
        .main
        .lines()
        .filter(|line| line.contains("dport") && !line.contains("sport"))
        .map(|line| format!("{}\n", line.trim()))
        .collect();
    expect![[r#"
        tcp dport 2222 accept
        udp dport 53 accept
    "#]]
    .assert_eq(&rules);
    assert!(rendering.main.contains("hook forward priority filter; policy drop;"), "{}", rendering.main);
    assert_eq!(rendering.refused[0].what, "output policy drop");
}

#[test]
fn a_firewall_that_would_close_the_way_in_is_refused() {
    let lacking = Place::new(&LISTENING).parameter("nftables.ports", "tcp/22,tcp/80").render("nftables");
    assert!(why(&lacking).contains("lacks tcp/2222"), "{lacking:?}");
    let unknown = Place::new(&[]).render("nftables");
    assert!(why(&unknown).contains("it cannot be told which ports"), "{unknown:?}");
    let ufw = Place::new(&["units|ufw.service|state|enabled", LISTENING[0]]).render("nftables");
    assert!(why(&ufw).contains("ufw.service is the firewall"), "{ufw:?}");
    let own = Place::new(&LISTENING)
        .text("/etc/nftables.conf", "chain input {\n tcp dport 22 accept\n}\n")
        .render("nftables");
    assert!(why(&own).contains("rules of its own"), "{own:?}");
}

#[test]
fn packets_for_others_pass_where_they_pass_today() {
    let mut place = Place::new(&LISTENING);
    place.fact("sysctl-running||net.ipv4.ip_forward|1");
    assert!(place.render("nftables").main.contains("hook forward priority filter; policy accept;"));
    let kernel = place.render("sysctl");
    assert!(!kernel.main.contains("ip_forward") && kernel.kept[0].what == "forwarding", "{kernel:?}");
    assert!(Place::new(&LISTENING).render("sysctl").main.contains("net.ipv4.ip_forward = 0"));
}

#[test]
fn a_route_that_a_router_advertised_is_kept() {
    let zero = "0".repeat(32);
    let route = |flags: &str| {
        format!("{zero} 00 {zero} 00 fe800000000000000000000000000001 00000400 1 0 {flags} eth0\n")
    };
    let rendered = |flags: &str| {
        Place::new(&[])
            .text("/proc/net/ipv6_route", &route(flags))
            .render("sysctl")
            .main
            .contains("accept_ra")
    };
    assert!(rendered("00000003") && !rendered("00450003"));
}

const NGINX: &str = "http {\n\tinclude /etc/nginx/conf.d/*.conf;\n\tinclude /etc/nginx/sites-enabled/*;\n}\n";

#[test]
fn a_virtual_server_keeps_what_it_says_itself() {
    let site = "server {\n\tlisten 443 ssl;\n\tclient_max_body_size 50m;\n\tadd_header X-Frame-Options DENY;\n}\nserver { listen 80; }\n";
    let place =
        Place::new(&[]).text("/etc/nginx/nginx.conf", NGINX).text("/etc/nginx/sites-enabled/shop", site);
    let first = place.render("nginx");
    let of =
        |path: &str| first.artifacts.iter().find(|own| own.path == path).unwrap_or_else(|| panic!("{path}"));
    expect![[r#"
        --- /etc/nginx/sites-enabled/shop
        +++ /etc/nginx/sites-enabled/shop
        @@ -1,6 +1,8 @@
         server {
        +	include snippets/hostward-shop-1.conf;
         	listen 443 ssl;
         	client_max_body_size 50m;
         	add_header X-Frame-Options DENY;
         }
        -server { listen 80; }
        +server {
        +	include snippets/hostward-shop-2.conf; listen 80; }
    "#]]
    .assert_eq(&of("/etc/nginx/sites-enabled/shop").diff);
    let tls = of("/etc/nginx/snippets/hostward-shop-1.conf").entry.text().unwrap();
    assert!(
        tls.contains("ssl_protocols")
            && !tls.contains("client_max_body_size")
            && !tls.contains("X-Frame-Options"),
        "{tls}"
    );
    let plain = of("/etc/nginx/snippets/hostward-shop-2.conf").entry.text().unwrap();
    assert!(!plain.contains("ssl_protocols") && plain.contains("client_max_body_size 100k;"), "{plain}");
    assert_eq!(place.after(&first).render("nginx").artifacts, []);
}

#[test]
fn tls_is_1_2_or_1_3_and_at_level_strict_1_3_alone() {
    let said = |name: &str, level, file: &str, key: &str| {
        let mut place = Place::new(&["apache||module ssl|loaded"])
            .text("/etc/nginx/nginx.conf", NGINX)
            .text("/etc/nginx/sites-enabled/a", "server { listen 443 ssl; }\n");
        place.wish.level = level;
        let rendering = place.render(name);
        let own = rendering.artifacts.iter().find(|own| own.path.ends_with(file)).unwrap();
        let text = own.entry.text().unwrap();
        text.lines().find(|line| line.trim().starts_with(key)).unwrap().trim().to_owned()
    };
    for (level, nginx, apache) in [
        (Level::Moderate, "ssl_protocols TLSv1.2 TLSv1.3;", "SSLProtocol -all +TLSv1.2 +TLSv1.3"),
        (Level::Strict, "ssl_protocols TLSv1.3;", "SSLProtocol -all +TLSv1.3"),
    ] {
        assert_eq!(said("nginx", level, "hostward-a-1.conf", "ssl_protocols"), nginx);
        assert_eq!(said("apache", level, "/conf-available/zz-hostward.conf", "SSLProtocol"), apache);
    }
}

#[test]
fn old_protocols_go_where_they_are_set() {
    let main = format!("{NGINX}# ssl_protocols TLSv1;\nssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; # why\n");
    let rendering = Place::new(&[]).text("/etc/nginx/nginx.conf", &main).render("nginx");
    let text = rendering.artifacts[0].entry.text().unwrap();
    assert!(text.ends_with("# ssl_protocols TLSv1;\nssl_protocols TLSv1.2 TLSv1.3; # why\n"), "{text}");
}

#[test]
fn workers_have_files_and_revocation_is_asked_of_the_hosts_name_server() {
    let main = format!(
        "include /etc/nginx/modules-enabled/*.conf;\nevents {{ worker_connections 9000; }}\n{NGINX}ssl_prefer_server_ciphers on;\n"
    );
    let place = |main: &str| {
        Place::new(&[])
            .text("/etc/nginx/nginx.conf", main)
            .text("/etc/nginx/sites-enabled/a", "server {\n listen 443 ssl;\n}\n")
            .text("/etc/resolv.conf", "search example\nnameserver 192.0.2.53\nnameserver fe80::1\n")
    };
    let rendering = place(&main).render("nginx");
    let all: String = rendering.artifacts.iter().filter_map(|own| own.entry.text()).collect();
    for line in
        ["worker_rlimit_nofile 18000;", "resolver 192.0.2.53 valid=300s;", "ssl_prefer_server_ciphers off;\n"]
    {
        assert!(all.contains(line), "{line} in {all}");
    }
    assert_eq!(place(&main).after(&rendering).render("nginx").artifacts, []);
    let theirs = format!("worker_rlimit_nofile 100;\n{main}");
    let rendering = place(&theirs).render("nginx");
    assert!(rendering.artifacts.iter().all(|own| !own.path.contains("modules-enabled")), "{rendering:?}");
}

#[test]
fn the_directory_that_mariadb_wants_is_made() {
    let rendering = Place::new(&["mariadb|mysqld|local_infile|1"]).render("mariadb");
    assert_eq!(rendering.artifacts[0].path, "/var/lib/mysql-files");
    let own = Place::new(&["mariadb|mysqld|secure_file_priv|/srv/load"]).render("mariadb");
    assert!(own.main.contains("secure_file_priv = /srv/load\n") && own.artifacts.len() == 1, "{own:?}");
}

#[test]
fn modules_that_somebody_switched_on_stay() {
    let rendering = Place::new(&[
        "apache||module dav|loaded",
        "apache||module headers|loaded",
        "apache|Directory /srv|options|Indexes",
    ])
    .render("apache");
    assert_eq!(rendering.refused[0].what, "unloading dav");
    assert!(
        rendering.main.contains("<Directory /srv>\n    Options None\n</Directory>\n"),
        "{}",
        rendering.main
    );
}

#[test]
fn lines_change_in_place() {
    let place = Place::new(&[]).text("/etc/login.defs", "# Ages.\nPASS_MAX_DAYS\t99999\nUMASK\t\t022\n");
    let first = place.render("login.defs");
    expect![[r#"
        --- /etc/login.defs
        +++ /etc/login.defs
        @@ -1,3 +1,8 @@
         # Ages.
        -PASS_MAX_DAYS	99999
        -UMASK		022
        +PASS_MAX_DAYS 60
        +UMASK 077
        +PASS_MIN_DAYS 1
        +PASS_WARN_AGE 14
        +ENCRYPT_METHOD YESCRYPT
        +SHA_CRYPT_MIN_ROUNDS 65536
        +SHA_CRYPT_MAX_ROUNDS 65536
    "#]]
    .assert_eq(&first.artifacts[0].diff);
    assert_eq!(place.after(&first).render("login.defs").artifacts, []);
}
