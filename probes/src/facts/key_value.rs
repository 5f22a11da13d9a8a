//! Files of one setting a line, whose last line counts.

use super::line::{before_comment, lines, pair, unquoted};
use super::{Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::HashSet;

pub static LOGIN_DEFS: Reader = Reader {
    area: "login.defs",
    about: "how accounts are made and how passwords age: login.defs(5)",
    reads: &["/etc/login.defs"],
    read: |image| file(image, "/etc/login.defs"),
};

pub static USERADD: Reader = Reader {
    area: "useradd",
    about: "what a new account gets: useradd(8)",
    reads: &["/etc/default/useradd"],
    read: |image| file(image, "/etc/default/useradd"),
};

pub static AUDITD: Reader = Reader {
    area: "auditd",
    about: "where audit records go and what happens when room runs out: auditd.conf(5)",
    reads: &["/etc/audit/auditd.conf"],
    read: |image| file(image, "/etc/audit/auditd.conf"),
};

pub static FAILLOCK: Reader = Reader {
    area: "faillock",
    about: "when an account locks after failures: faillock.conf(5)",
    reads: &["/etc/security/faillock.conf"],
    read: |image| {
        let defaults = [("deny", "3"), ("fail_interval", "900"), ("unlock_time", "600")];
        with_defaults(image, "/etc/security/faillock.conf", "pam_faillock 1.5", &defaults)
    },
};

/// One file; it is missed when it is not there.
pub fn file(image: &Image<'_>, path: &str) -> Result<Vec<Fact>, Fault> {
    Ok(parse(path, &image.text(path)?))
}

/// A file that need not be there, and what holds for what it does not say.
pub fn with_defaults(
    image: &Image<'_>,
    path: &str,
    program: &'static str,
    defaults: &[(&str, &str)],
) -> Result<Vec<Fact>, Fault> {
    let text = image.text_if_there(path)?.unwrap_or_default();
    let mut facts = parse(path, &text);
    add_defaults(&mut facts, program, defaults);
    Ok(facts)
}

/// Adds what a program takes for keys that nobody set.
pub fn add_defaults(facts: &mut Vec<Fact>, program: &'static str, defaults: &[(&str, &str)]) {
    for (key, value) in defaults {
        if !facts.iter().any(|fact| fact.key == *key && fact.scope.is_empty()) {
            facts.push(Fact::new(*key, *value, Origin::Default(program)));
        }
    }
}

/// `key = value`, `key value` or `key`, in place of an earlier line of that key.
pub fn parse(path: &str, text: &str) -> Vec<Fact> {
    let fact = |(number, line)| {
        let (key, value) = pair(before_comment(line));
        Fact::new(key, unquoted(value), Origin::line(path, number))
    };
    let (mut seen, mut facts) = (HashSet::new(), Vec::new());
    // From the end, so that each costs the same however many there are.
    for fact in lines(text, &['#']).map(fact).collect::<Vec<_>>().into_iter().rev() {
        if seen.insert(fact.key.clone()) {
            facts.push(fact);
        }
    }
    facts.reverse();
    facts
}

/// Puts a fact in the place of the one with its scope and key.
pub fn set(facts: &mut Vec<Fact>, new: Fact) {
    facts.retain(|fact| fact.scope != new.scope || fact.key != new.key);
    facts.push(new);
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
