//! Files of one setting a line, whose last line counts.

use super::line::{before_comment, lines, pair, unquoted};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

pub static LOGIN_DEFS: Reader = Reader {
    area: "login.defs",
    about: "how accounts are made and how passwords age: login.defs(5)",
    reads: &["/etc/login.defs"],
    read: |image, found| file(image, "/etc/login.defs", found),
};

pub static USERADD: Reader = Reader {
    area: "useradd",
    about: "what a new account gets: useradd(8)",
    reads: &["/etc/default/useradd"],
    read: |image, found| file(image, "/etc/default/useradd", found),
};

pub static AUDITD: Reader = Reader {
    area: "auditd",
    about: "where audit records go and what happens when room runs out: auditd.conf(5)",
    reads: &["/etc/audit/auditd.conf"],
    read: |image, found| file(image, "/etc/audit/auditd.conf", found),
};

pub static FAILLOCK: Reader = Reader {
    area: "faillock",
    about: "when an account locks after failures: faillock.conf(5)",
    reads: &["/etc/security/faillock.conf"],
    read: |image, found| {
        let path = "/etc/security/faillock.conf";
        parse(path, &image.text_if_there(path)?.unwrap_or_default(), found)?;
        let defaults = [("deny", "3"), ("fail_interval", "900"), ("unlock_time", "600")];
        found.defaults("", "pam_faillock 1.5", &defaults)
    },
};

/// One file; it is missed when it is not there.
fn file(image: &Image<'_>, path: &str, found: &mut Found) -> Result<(), Fault> {
    parse(path, &image.text(path)?, found)
}

/// `key = value`, `key value` or `key`; the last line of a key counts.
pub fn parse(path: &str, text: &str, found: &mut Found) -> Result<(), Fault> {
    pairs(path, text).try_for_each(|fact| found.last(fact))
}

/// The same lines, each for itself.
pub fn pairs<'t>(path: &'t str, text: &'t str) -> impl Iterator<Item = Fact> + 't {
    lines(text, &['#']).map(move |(number, line)| {
        let (key, value) = pair(before_comment(line));
        Fact::new(key, unquoted(value), Origin::line(path, number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn the_last_line_counts_and_defaults_fill_in() {
        expect![[r#"
            even_deny_root =   (/etc/security/faillock.conf:2)
            deny = 4  (/etc/security/faillock.conf:3)
            fail_interval = 900  (default of pam_faillock 1.5)
            unlock_time = 600  (default of pam_faillock 1.5)
        "#]]
        .assert_eq(&shown(
            &FAILLOCK,
            &[("/etc/security/faillock.conf", "deny=5\neven_deny_root\n deny = 4 # less\n")],
        ));
        assert_eq!(shown(&LOGIN_DEFS, &[]), "absent: /etc/login.defs\n");
    }
}
