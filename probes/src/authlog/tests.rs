//! The probe on real lines, in a tree of its own.

use super::*;
use crate::testing::exposition;
use expect_test::expect;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

const LINES_OF_SSHD: &str = include_str!("fixtures/openssh-9.2.log");

fn root(name: &str) -> PathBuf {
    let root = std::env::temp_dir().join(format!("hostward-authlog-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("var/log")).unwrap();
    root
}

fn settings(path: &str) -> Settings {
    let mut settings = Settings::new(SPEC.settings);
    settings.set("path", crate::Value::Text(path.to_owned())).unwrap();
    settings
}

fn collect(probe: &mut AuthLog, host: &mut Host) -> Result<String, Fault> {
    let mut batch = Batch::new();
    probe.collect(host, &mut batch)?;
    Ok(exposition(&batch))
}

#[test]
fn a_day_of_sshd_is_counted() {
    let root = root("day");
    let log = root.join("var/log/auth.log");
    fs::write(&log, LINES_OF_SSHD).unwrap();
    let (mut host, mut probe) = (Host::new(&root), AuthLog::new(&settings("")));
    let quiet = collect(&mut probe, &mut host).unwrap();
    assert!(
        quiet.contains("hostward_logins_total{service=\"sshd\",method=\"password\",result=\"failed\"} 0\n")
    );
    assert!(
        quiet.contains("hostward_auth_log_lines_total{source=\"file\"} 0\n"),
        "read from the start: {quiet}"
    );

    append(&log, LINES_OF_SSHD);
    let counted = collect(&mut probe, &mut host).unwrap();
    fs::remove_dir_all(&root).unwrap();
    expect![[r#"
        hostward_logins_total{service="login",method="other",result="accepted"} 0
        hostward_logins_total{service="login",method="password",result="failed"} 0
        hostward_logins_total{service="sshd",method="keyboard-interactive",result="accepted"} 2
        hostward_logins_total{service="sshd",method="keyboard-interactive",result="failed"} 2
        hostward_logins_total{service="sshd",method="none",result="abandoned"} 16
        hostward_logins_total{service="sshd",method="none",result="exceeded"} 1
        hostward_logins_total{service="sshd",method="password",result="accepted"} 2
        hostward_logins_total{service="sshd",method="password",result="failed"} 14
        hostward_logins_total{service="sshd",method="publickey",result="accepted"} 2
        hostward_logins_total{service="sshd",method="publickey",result="failed"} 1
        hostward_logins_total{service="su",method="other",result="accepted"} 1
        hostward_logins_total{service="su",method="password",result="failed"} 1
        hostward_logins_total{service="sudo",method="other",result="accepted"} 0
        hostward_logins_total{service="sudo",method="password",result="failed"} 0
        hostward_logins_total{service="sudo",method="policy",result="failed"} 0
        hostward_login_unknown_users_total{service="sshd"} 10
        hostward_auth_log_lines_total{source="file"} 107
        hostward_auth_log_lines_cut_total{source="file"} 0
    "#]]
    .assert_eq(&counted);
}

fn append(path: &PathBuf, text: &str) {
    fs::File::options().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_captured_tree_without_a_log_is_missing() {
    let root = root("none");
    let result = collect(&mut AuthLog::new(&settings("/var/log/logins")), &mut Host::new(&root));
    fs::remove_dir_all(&root).unwrap();
    assert_eq!(result, Err(Fault::Missing { what: "/var/log/logins".into() }));
}

#[test]
fn a_restart_goes_on_where_it_stopped() {
    let root = root("restart");
    let log = root.join("var/log/secure");
    fs::write(&log, LINES_OF_SSHD).unwrap();
    let (mut host, mut probe) = (Host::new(&root), AuthLog::new(&settings("")));
    collect(&mut probe, &mut host).unwrap();
    let saved = probe.memory();
    append(&log, "Nov 21 04:40:24 web1 sshd[1]: Failed password for bob from 192.0.2.1 port 49 ssh2\n");
    let mut probe = AuthLog::new(&settings(""));
    probe.remember(&saved);
    let counted = collect(&mut probe, &mut host).unwrap();
    fs::remove_dir_all(&root).unwrap();
    assert!(counted.contains("result=\"failed\"} 1\n"), "{counted}");
    assert!(counted.contains("hostward_auth_log_lines_total{source=\"file\"} 1\n"), "{counted}");
}

#[test]
fn a_log_that_may_not_be_read_names_the_group() {
    let denied = Fault::io("/var/log/auth.log", &std::io::ErrorKind::PermissionDenied.into());
    expect!["/var/log/auth.log: permission denied (usermod -aG adm hostward)"]
        .assert_eq(&with_grant(denied).to_string());
}

fn aged(path: &PathBuf, seconds: u64) {
    let then = std::time::SystemTime::now() - Duration::from_secs(seconds);
    fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
}

#[test]
fn a_file_is_stale_after_an_hour() {
    let root = root("stale");
    let log = root.join("var/log/auth.log");
    fs::write(&log, LINES_OF_SSHD).unwrap();
    aged(&log, 3500);
    assert!(!is_stale(&log) && !is_stale(&root.join("nothing")));
    aged(&log, 3700);
    assert!(is_stale(&log));
    // A captured tree has no journal to turn to: its file counts, however old.
    let shown = collect(&mut AuthLog::new(&settings("")), &mut Host::new(&root)).unwrap();
    fs::remove_dir_all(&root).unwrap();
    assert!(shown.contains("hostward_auth_log_lines_total{source=\"file\"} 0"), "{shown}");
}

#[test]
fn a_journal_that_may_not_be_read_gives_way_to_the_file_that_was_left() {
    let journal = || Some(Source::Journal(Journal::following(&JOURNAL_ARGS)));
    let mut probe = AuthLog { left_file: true, source: journal(), ..AuthLog::new(&settings("")) };
    probe.failed(&Fault::Timeout { what: String::new(), after_ms: 1 });
    assert!(probe.left_file && probe.source.is_some());
    probe.failed(&Fault::Denied { what: String::new(), grant: String::new() });
    assert!(probe.journal_failed && !probe.left_file && probe.source.is_none());
    // With no file beside it there is nothing to go back to.
    let mut probe = AuthLog { source: journal(), ..AuthLog::new(&settings("")) };
    probe.failed(&Fault::Denied { what: String::new(), grant: String::new() });
    assert!(!probe.journal_failed && probe.source.is_some());
}
