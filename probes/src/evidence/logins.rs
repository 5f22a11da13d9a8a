//! The last lines of the auth log, and who failed to log in.

use super::Section;
use super::text::{last_lines, one_line};
use crate::authlog::event::{self, Event, Outcome};
use crate::authlog::{PATHS, line, with_grant};
use crate::{Fault, Host, journalctl};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

const LINES_MAX: usize = 100;
const TOP: usize = 10;
const NAME_CHARS_MAX: usize = 80;
/// What is looked at of a log file.
const TAIL_BYTES_MAX: u64 = 4 << 20;
/// What is looked at of the journal.
const JOURNAL_ARGS: [&str; 4] = ["--lines=20000", "_UID=0", "SYSLOG_FACILITY=4", "SYSLOG_FACILITY=10"];
const JOURNAL_DEADLINE: Duration = Duration::from_secs(5);

/// The last hundred lines.
pub fn auth_lines(host: &Host, auth_log: Option<&str>) -> Section {
    let lines = tail(host, auth_log).map(|text| last_lines(&text, LINES_MAX));
    Section::of("authentication log", lines)
}

/// The ten accounts and the ten addresses with most failures in the last 4 MiB.
pub fn failed_logins(host: &Host, auth_log: Option<&str>) -> Section {
    let lines = tail(host, auth_log).map(|text| {
        let (mut accounts, mut addresses) = (Tally::default(), Tally::default());
        for event in text.lines().filter_map(|text| event::parse(&line::parse(text)?)) {
            accounts.add(event.user, &event);
            addresses.add(event.address, &event);
        }
        [accounts.lines("account"), addresses.lines("address")].concat()
    });
    Section::of("failed logins", lines)
}

/// The file where there is one, otherwise the journal: as the probe chooses.
fn tail(host: &Host, auth_log: Option<&str>) -> Result<String, Fault> {
    let paths = auth_log.map_or(PATHS.to_vec(), |path| vec![path]);
    match paths.iter().find(|path| host.path(path).exists()) {
        Some(path) => host.tail(path, TAIL_BYTES_MAX).map_err(with_grant),
        None if host.is_live() => journalctl::once(&JOURNAL_ARGS, JOURNAL_DEADLINE),
        None => Err(Fault::Missing { what: paths.join(", ") }),
    }
}

/// Failed, abandoned: a refused key leaves only that the client went away.
#[derive(Default)]
struct Tally<'a>(BTreeMap<&'a str, [u64; 2]>);

impl<'a> Tally<'a> {
    fn add(&mut self, name: &'a str, event: &Event<'_>) {
        let column = match event.outcome {
            Outcome::Failed => 0,
            Outcome::Abandoned => 1,
            Outcome::Accepted | Outcome::Exceeded | Outcome::UnknownUser => return,
        };
        if !name.is_empty() {
            self.0.entry(name).or_default()[column] += u64::from(event.times);
        }
    }

    fn lines(self, what: &str) -> Vec<String> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by_key(|(_, counts)| Reverse(*counts));
        let shown = all.into_iter().take(TOP).map(|(name, [failed, abandoned])| {
            let name = one_line(name, NAME_CHARS_MAX);
            format!("{what} {name:?}: {failed} failed, {abandoned} abandoned")
        });
        shown.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;

    #[test]
    fn accounts_and_addresses_are_ranked() {
        let tree = Tree::new(&[("/log", include_str!("../authlog/fixtures/openssh-9.2.log"))]);
        let host = tree.host();
        let (ranked, last) = (failed_logins(&host, Some("/log")), auth_lines(&host, Some("/log")));
        expect![[r#"
            account "bob": 11 failed, 6 abandoned
            account "nosuch": 2 failed, 4 abandoned
            account "Accepted password for root from 1.2.3.4 port 22 ssh2": 2 failed, 2 abandoned
            account "root from 1.2.3.4 port 22 ssh2": 2 failed, 2 abandoned
            account "root": 1 failed, 0 abandoned
            address "127.0.0.1": 17 failed, 16 abandoned"#]]
        .assert_eq(&ranked.lines.join("\n"));
        assert_eq!(last.lines.len(), 100);
        assert!(last.lines[99].ends_with("session closed for user bob"));
    }
}
