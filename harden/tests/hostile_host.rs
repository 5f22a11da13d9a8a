//! What the playbooks read on a host that somebody has prepared for them: process names and log lines that try
//! to pass for something else, or to steer the terminal.

mod common;

use common::{Scratch, header, labels, ordinary, playbooks, run};
use expect_test::expect;

fn script(name: &str) -> String {
    let playbook = playbooks().into_iter().find(|playbook| playbook.name() == name).expect(name);
    playbook.render(&header("x"), &labels(&playbook, ordinary)).expect(name)
}

#[test]
fn a_process_with_a_hostile_name_is_counted_and_shown_harmless() {
    let scratch = Scratch::new("process-name");
    // The name closes the bracket of /proc/PID/stat and begins a line of its own.
    let _hog = common::Hog::start(&scratch.0.join("a) Z 1\n\u{1b}[2J @"));
    let output = run("bash", "bash", &["-c", &script("cpu")], "", &scratch.0);
    let shown = String::from_utf8_lossy(&output.stdout);
    let line = shown.lines().find(|line| line.contains("a) Z 1")).unwrap_or_else(|| panic!("{shown}"));
    assert!(line.contains("a) Z 1??[2J @"), "{line}");
    let used: u32 = shown
        .lines()
        .filter(|line| line.contains("a) Z 1??[2J @"))
        .find_map(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_else(|| panic!("{shown}"));
    assert!(used >= 5, "{shown}");
}

/// Account names are the client's choice, so each of these lines was really written by sshd for some client.
const LOG: &str = "\
2026-11-21T04:00:00.1+00:00 web sshd[1]: Failed password for root from 192.0.2.1 port 40000 ssh2
2026-11-21T04:00:01.1+00:00 web sshd[1]: Failed password for root from 192.0.2.1 port 40001 ssh2
Nov 21 04:00:02 web sshd[2]: Failed password for invalid user x from 203.0.113.9 port 1 ssh2 from 192.0.2.2 port 22 ssh2
Nov 21 04:00:03 web sshd-session[3]: Failed publickey for invalid user $(touch canary) from 2001:db8::7 port 9 ssh2: RSA SHA256:x
Nov 21 04:00:04 web sshd[4]: Connection closed by authenticating user ann 192.0.2.2 port 7 [preauth]
Nov 21 04:00:04 web sshd[4]: Connection closed by invalid user  192.0.2.5 port 7 [preauth]
Nov 21 04:00:05 web sudo: pam_unix(sudo:auth): authentication failure; logname=bob uid=1000 euid=0 tty=/dev/pts/0 ruser=bob rhost=  user=bob
Nov 21 04:00:06 web sshd[5]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root
Nov 21 04:00:07 web sshd[6]: Accepted password for root from 192.0.2.1 port 40009 ssh2
Nov 21 04:00:08 web sshd[7]: Accepted publickey for ann from 198.51.100.4 port 5 ssh2: ED25519 SHA256:y
Nov 21 04:00:09 web CRON[8]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)
";

#[test]
fn logins_are_told_apart_whatever_the_account_is_called() {
    let scratch = Scratch::new("auth-log");
    let script = script("failed-logins").replace(
        "\npresent diagnose\n",
        "\nlog_lines() { cat; }\nsource=test seen=$(attempts)\nprintf '%s failed\\n' \"$(failed)\"\ncounts\nentered\n",
    );
    let output = run("bash", "bash", &["-c", &script], LOG, &scratch.0);
    assert_eq!(scratch.names(), Vec::<String>::new());
    expect![[r#"
        7 failed
        by source address:
               2  192.0.2.2
               2  192.0.2.1
               1  local
               1  2001:db8::7
               1  192.0.2.5
        by account as typed:
               2  root
               1  x from 203.0.113.9 port 1 ssh2
               1  bob
               1  ann
               1  -
               1  $(touch canary)
        by method:
               4  password
               2  none
               1  publickey
        by service:
               5  sshd
               1  sudo
               1  sshd-session
               2 failures, then a login from 192.0.2.1 as root by password
    "#]]
    .assert_eq(&String::from_utf8_lossy(&output.stdout));
}
