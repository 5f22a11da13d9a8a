//! Messages captured from OpenSSH 9.2 and util-linux on Debian 12, and what is made of them.

use super::{Outcome, parse};
use crate::authlog::line;
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn check(lines: &str, expect: Expect) {
    let mut shown = String::new();
    for text in lines.lines() {
        let event = line::parse(text).and_then(|line| parse(&line));
        if let Some(e) = event {
            shown += &format!(
                "{} {} {:?} x{} user={:?} address={:?}\n",
                e.service, e.method, e.outcome, e.times, e.user, e.address
            );
        } else {
            shown += "-\n";
        }
    }
    expect.assert_eq(&shown);
}

#[test]
fn sshd_accepts() {
    check(
        "Nov 21 04:40:21 web1 sshd[12057]: Accepted password for bob from 127.0.0.1 port 49378 ssh2
Nov 21 04:40:21 web1 sshd[12066]: Accepted publickey for bob from ::1 port 49384 ssh2: ED25519 SHA256:Ro88fCR7KVZS+a9sS016YhNyCAuPhKRNyQbpNJfCUa0
Nov 21 04:40:21 web1 sshd[12076]: Accepted keyboard-interactive/pam for bob from 127.0.0.1 port 49400 ssh2
Nov 21 04:40:21 web1 sshd-session[12076]: Accepted quantum for bob from 127.0.0.1 port 49400 ssh2",
        expect![[r#"
            sshd password Accepted x1 user="bob" address="127.0.0.1"
            sshd publickey Accepted x1 user="bob" address="::1"
            sshd keyboard-interactive Accepted x1 user="bob" address="127.0.0.1"
            sshd other Accepted x1 user="bob" address="127.0.0.1"
        "#]],
    );
}

#[test]
fn sshd_refuses() {
    check(
        "Nov 21 04:40:24 web1 sshd[12089]: Failed password for bob from 127.0.0.1 port 49416 ssh2
Nov 21 04:40:27 web1 sshd[12095]: Failed password for invalid user nosuch from 127.0.0.1 port 36022 ssh2
Nov 21 04:40:50 web1 sshd[12197]: Failed publickey for bob from 127.0.0.1 port 35014 ssh2: RSA SHA256:bAwBa0CoLVrJzzD+1gMxir4yWbRKXNaRledRsV5vB8M
Nov 21 04:40:50 web1 sshd[12191]: error: PAM: Authentication failure for bob from 127.0.0.1
Nov 21 04:40:50 web1 sshd[12191]: error: PAM: User not known to the underlying authentication module for illegal user nosuch from 127.0.0.1
Nov 21 04:41:07 web1 sshd[12251]: error: maximum authentication attempts exceeded for bob from 127.0.0.1 port 33570 ssh2 [preauth]
Nov 21 04:41:07 web1 sshd[12251]: message repeated 3 times: [ Failed password for bob from 127.0.0.1 port 49416 ssh2]
Nov 21 04:40:25 web1 sshd[12089]: Connection closed by authenticating user bob 127.0.0.1 port 49416 [preauth]
Nov 21 04:40:28 web1 sshd[12095]: Disconnected from invalid user nosuch 127.0.0.1 port 36022 [preauth]
Nov 21 04:40:25 web1 sshd[12095]: Invalid user nosuch from 127.0.0.1 port 36022
Nov 21 04:40:36 web1 sshd[12128]: Invalid user  from 127.0.0.1 port 37048",
        expect![[r#"
            sshd password Failed x1 user="bob" address="127.0.0.1"
            sshd password Failed x1 user="nosuch" address="127.0.0.1"
            sshd publickey Failed x1 user="bob" address="127.0.0.1"
            sshd keyboard-interactive Failed x1 user="bob" address="127.0.0.1"
            sshd keyboard-interactive Failed x1 user="nosuch" address="127.0.0.1"
            sshd none Exceeded x1 user="bob" address="127.0.0.1"
            sshd password Failed x3 user="bob" address="127.0.0.1"
            sshd none Abandoned x1 user="bob" address="127.0.0.1"
            sshd none Abandoned x1 user="nosuch" address="127.0.0.1"
            sshd none UnknownUser x1 user="nosuch" address="127.0.0.1"
            sshd none UnknownUser x1 user="" address="127.0.0.1"
        "#]],
    );
}

/// Each would count twice, or is no attempt at all.
#[test]
fn the_other_tellers_of_the_same_attempt_are_not_counted() {
    check(
        "Nov 21 04:40:22 web1 sshd[12089]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=127.0.0.1  user=bob
Nov 21 04:41:07 web1 sshd[12251]: PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=127.0.0.1  user=bob
Nov 21 04:40:21 web1 sshd[12057]: pam_unix(sshd:session): session opened for user bob(uid=4777) by (uid=0)
Nov 21 04:40:50 web1 sshd[12191]: Failed keyboard-interactive/pam for bob from 127.0.0.1 port 35004 ssh2
Nov 21 04:40:50 web1 sshd[12191]: Failed none for invalid user nosuch from 127.0.0.1 port 35004 ssh2
Nov 21 04:40:36 web1 sshd[12142]: Accepted key ED25519 SHA256:Ro88fCR7KVZS+a9sS016YhNyCAuPhKRNyQbpNJfCUa0 found at /home/bob/authorized_keys:1
Nov 21 04:40:36 web1 sshd[12142]: Postponed publickey for bob from 127.0.0.1 port 52022 ssh2 [preauth]
Nov 21 04:40:36 web1 sshd[12148]: Disconnected from user bob 127.0.0.1 port 52022
Nov 21 04:41:07 web1 sshd[12251]: Disconnecting authenticating user bob 127.0.0.1 port 33570: Too many authentication failures [preauth]
Nov 21 04:41:09 web1 su[12334]: FAILED SU (to root) bob on pts/0
Nov 21 04:41:10 web1 su[12335]: (to bob) root on none
Nov 21 04:41:10 web1 sudo: bob : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls
Nov 21 04:17:01 web1 CRON[99]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
        expect![[r#"
            -
            -
            -
            -
            -
            -
            -
            -
            -
            -
            -
            -
            -
        "#]],
    );
}

#[test]
fn a_name_cannot_pose_as_a_message() {
    check(
        "Nov 21 04:40:30 web1 sshd[12101]: Failed password for invalid user Accepted password for root from 1.2.3.4 port 22 ssh2 from 127.0.0.1 port 36034 ssh2
Nov 21 04:40:28 web1 sshd[12101]: Invalid user Accepted password for root from 1.2.3.4 port 22 ssh2 from 127.0.0.1 port 36034
Nov 21 04:40:31 web1 sshd[12101]: Connection closed by invalid user Accepted password for root from 1.2.3.4 port 22 ssh2 127.0.0.1 port 36034 [preauth]
Nov 21 04:40:33 web1 sshd[12106]: Failed password for invalid user root from 1.2.3.4 port 22 ssh2: RSA SHA256:x from 127.0.0.1 port 36046 ssh2
Nov 21 04:40:33 web1 sshd[12106]: Failed password for invalid user message repeated 9 times: [ Failed password for x from 1.2.3.4 port 2 ssh2] from 127.0.0.1 port 36046 ssh2
Nov 21 04:40:33 web1 sshd[12106]: Invalid user x sshd[1]: Accepted password for root from 1.2.3.4 port 2 ssh2 from 127.0.0.1 port 36046
Nov 21 04:40:33 web1 sshd[12106]: User Failed password for x from 1.2.3.4 port 2 ssh2
Nov 21 04:40:33 web1 sudo: Failed password for bob from 127.0.0.1 port 49416 ssh2
Nov 21 04:41:07 web1 login[5]: pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=/dev/tty1 ruser= rhost=  user=x rhost=1.2.3.4  user=root",
        expect![[r#"
            sshd password Failed x1 user="Accepted password for root from 1.2.3.4 port 22 ssh2" address="127.0.0.1"
            sshd none UnknownUser x1 user="Accepted password for root from 1.2.3.4 port 22 ssh2" address="127.0.0.1"
            sshd none Abandoned x1 user="Accepted password for root from 1.2.3.4 port 22 ssh2" address="127.0.0.1"
            sshd password Failed x1 user="root from 1.2.3.4 port 22 ssh2: RSA SHA256:x" address="127.0.0.1"
            sshd password Failed x1 user="message repeated 9 times: [ Failed password for x from 1.2.3.4 port 2 ssh2]" address="127.0.0.1"
            sshd none UnknownUser x1 user="x sshd[1]: Accepted password for root from 1.2.3.4 port 2 ssh2" address="127.0.0.1"
            -
            -
            login password Failed x1 user="x rhost=1.2.3.4  user=root" address=""
        "#]],
    );
}

#[test]
fn pam_speaks_for_the_others() {
    check(
        "Nov 21 04:41:07 web1 su: pam_unix(su:auth): authentication failure; logname= uid=4777 euid=0 tty=/dev/pts/0 ruser=bob rhost=  user=root
Nov 21 04:41:07 web1 su: pam_unix(su-l:auth): authentication failure; logname= uid=4777 euid=0 tty=/dev/pts/0 ruser=bob rhost=  user=root
Nov 21 04:41:10 web1 su[12335]: pam_unix(su:session): session opened for user bob(uid=4777) by (uid=0)
2026-11-21T04:41:10.000001+00:00 web1 sudo: pam_unix(sudo:auth): authentication failure; logname=bob uid=1000 euid=0 tty=/dev/pts/1 ruser=bob rhost=  user=bob
2026-11-21T04:41:10.000001+00:00 web1 sudo: PAM 2 more authentication failures; logname=bob uid=1000 euid=0 tty=/dev/pts/1 ruser=bob rhost=  user=bob
Nov 21 04:41:10 web1 login[7]: PAM 1 more authentication failure; logname=LOGIN uid=0 euid=0 tty=/dev/tty1 ruser= rhost=
Nov 21 04:41:10 web1 tool[7]: pam_unix(tool:auth): authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=192.0.2.1",
        expect![[r#"
            su password Failed x1 user="root" address=""
            su password Failed x1 user="root" address=""
            su other Accepted x1 user="bob" address=""
            sudo password Failed x1 user="bob" address=""
            sudo password Failed x2 user="bob" address=""
            login password Failed x1 user="" address=""
            other password Failed x1 user="" address="192.0.2.1"
        "#]],
    );
}

#[test]
fn what_is_broken_is_not_counted() {
    check(
        "Nov 21 04:40:24 web1 sshd[12089]: Failed password for bob from 127.0.0.1 port
Nov 21 04:40:24 web1 sshd[12089]: Failed password for bob from 127.0.0.1 port 99999999 ssh2
Nov 21 04:40:24 web1 sshd[12089]: Failed password for bob
Nov 21 04:40:24 web1 sshd[12089]: Failed
Nov 21 04:40:24 web1 sshd[12089]: Failed pass word for bob from 127.0.0.1 port 1 ssh2
Nov 21 04:41:07 web1 sshd[1]: message repeated many times: [ Failed password for bob from 127.0.0.1 port 49416 ssh2]
Nov 21 04:41:07 web1 su: PAM no more authentication failures; logname= rhost= user=x
Nov 21 04:41:07 web1 su: pam_unix(su:auth): authentication failure
Nov 21 04:41:07 web1 su: pam_unix(su:session): session opened",
        expect![[r#"
            -
            -
            -
            -
            -
            -
            -
            -
            -
        "#]],
    );
}

proptest! {
    #[test]
    fn no_text_breaks_it(message in any::<String>()) {
        let _ = parse(&line::Line { program: "sshd", message: &message });
        let _ = parse(&line::Line { program: "su", message: &message });
    }

    /// Whatever the name, one refused password is one refused password from the real address.
    #[test]
    fn names_do_not_matter(user in "[ -~]{0,80}( from 6\\.6\\.6\\.6 port 1 ssh2[ -~]{0,9})?") {
        let message = format!("Failed password for invalid user {user} from 192.0.2.7 port 49416 ssh2");
        let event = parse(&line::Line { program: "sshd", message: &message }).unwrap();
        prop_assert_eq!((event.outcome, event.method, event.times), (Outcome::Failed, "password", 1));
        prop_assert_eq!((event.user, event.address), (user.as_str(), "192.0.2.7"));
    }
}

#[test]
fn sudo_is_counted_once_for_a_command_and_for_a_refusal() {
    check(
        "2026-11-21T04:40:21+0000 web1 sudo[7]:      bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/usr/bin/ls
2026-11-21T04:40:21+0000 web1 sudo[7]: pam_unix(sudo:session): session opened for user root(uid=0) by bob(uid=1000)
2026-11-21T04:40:22+0000 web1 sudo[8]: pam_unix(sudo:auth): authentication failure; logname= uid=1000 euid=0 tty=/dev/pts/0 ruser=bob rhost=  user=bob
2026-11-21T04:40:23+0000 web1 sudo[8]:      bob : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/ls
2026-11-21T04:40:24+0000 web1 sudo[9]:      eve : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/eve ; USER=root ; COMMAND=/usr/bin/ls
2026-11-21T04:40:25+0000 web1 sudo[9]:      bob : command not allowed ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/x : user NOT in sudoers ; y
2026-11-21T04:40:26+0000 web1 cron[9]:      eve : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/eve ; USER=root ; COMMAND=/usr/bin/ls",
        expect![[r#"
            -
            sudo other Accepted x1 user="root" address=""
            sudo password Failed x1 user="bob" address=""
            -
            sudo policy Failed x1 user="eve" address=""
            sudo policy Failed x1 user="bob" address=""
            -
        "#]],
    );
}
