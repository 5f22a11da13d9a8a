//! What the kernel is asked to record: audit.rules(7) on disk, in the order of augenrules(8).
//!
//! A watch has two spellings (`-w /p -p wa` and `-a always,exit -F path=/p -F perm=wa`); both give the same fact.

use super::line::{lines, words};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

const DIRECTORY: &str = "/etc/audit/rules.d";
const LOADED: &str = "/etc/audit/audit.rules";

pub static READER: Reader = Reader {
    area: "audit-rules",
    about: "audit rules on disk: watches by path, system calls by name with their conditions, and the switch -e",
    reads: &[DIRECTORY, LOADED],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let mut paths = image.overlaid(&[DIRECTORY], ".rules")?;
    if paths.is_empty() {
        paths.push(LOADED.to_owned());
    }
    for path in paths {
        for (number, line) in lines(&image.text(&path)?, &['#']) {
            rule(found, &words(line), &Origin::line(&path, number))?;
        }
    }
    Ok(())
}

fn rule(found: &mut Found, words: &[String], origin: &Origin) -> Result<(), Fault> {
    let after = |option: &str| {
        let at = words.iter().position(|word| word == option)?;
        words.get(at + 1).map(String::as_str)
    };
    match words.first().map(String::as_str) {
        Some("-w") => found.push(watch(after("-w").unwrap_or(""), after("-p").unwrap_or("rwxa"), origin)),
        Some("-e") => found.push(Fact::new("enabled", after("-e").unwrap_or(""), origin.clone())),
        Some("-a" | "-A") => filter(found, words, after("-a").or_else(|| after("-A")).unwrap_or(""), origin),
        _ => Ok(()),
    }
}

fn watch(path: &str, permissions: &str, origin: &Origin) -> Fact {
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    Fact::new("watch", permissions, origin.clone()).within(path)
}

/// Only rules that record at the exit of a call count; `never` takes away.
fn filter(found: &mut Found, words: &[String], list: &str, origin: &Origin) -> Result<(), Fault> {
    let mut list = list.split(',');
    if !list.clone().any(|word| word == "always") || !list.any(|word| word == "exit") {
        return Ok(());
    }
    let values = |option: &'static str| {
        words.windows(2).filter(move |pair| pair[0] == option).map(|pair| pair[1].as_str())
    };
    let fields: Vec<&str> = values("-F").collect();
    let field = |name: &str| fields.iter().find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
    let calls: Vec<&str> = values("-S").flat_map(|calls| calls.split(',')).collect();
    if let (Some(path), true) = (field("path").or_else(|| field("dir")), calls.is_empty() || calls == ["all"])
    {
        return found.push(watch(path, field("perm").unwrap_or("rwxa"), origin));
    }
    let compared: Vec<String> = values("-C").map(either_way).collect();
    let value = fields.into_iter().chain(compared.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    found.extend(calls.iter().map(|call| Fact::new("syscall", value.clone(), origin.clone()).within(*call)))
}

/// `euid!=uid` is `uid!=euid`.
fn either_way(comparison: &str) -> String {
    match comparison.split_once("!=") {
        Some((a, b)) => format!("{comparison} {b}!={a}"),
        None => comparison.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::shown;
    use expect_test::expect;

    #[test]
    fn two_spellings_of_a_watch_and_calls_one_by_one() {
        let rules = "-D\n-b 8192\n-w /etc/passwd -p wa -k identity\n-a always,exit -F path=/etc/shadow -F perm=wa -k identity\n\
                     -a always,exit -F arch=b64 -S unlink,rename -S rmdir -F auid>=1000 -k delete\n\
                     -a always,exit -F arch=b64 -C uid!=euid -S execve\n-a never,exit -S open\n-e 2\n";
        expect![[r#"
            [/etc/passwd] watch = wa  (/etc/audit/rules.d/50.rules:3)
            [/etc/shadow] watch = wa  (/etc/audit/rules.d/50.rules:4)
            [unlink] syscall = arch=b64 auid>=1000  (/etc/audit/rules.d/50.rules:5)
            [rename] syscall = arch=b64 auid>=1000  (/etc/audit/rules.d/50.rules:5)
            [rmdir] syscall = arch=b64 auid>=1000  (/etc/audit/rules.d/50.rules:5)
            [execve] syscall = arch=b64 uid!=euid euid!=uid  (/etc/audit/rules.d/50.rules:6)
            enabled = 2  (/etc/audit/rules.d/50.rules:8)
        "#]]
        .assert_eq(&shown(&READER, &[("/etc/audit/rules.d/50.rules", rules), (LOADED, "-e 1\n")]));
    }
}
