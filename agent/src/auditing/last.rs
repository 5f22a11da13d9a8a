//! What the last audit found, kept as a file, and what has drifted since it passed.

use crate::durable;
use crate::state::Entry;
use hostward_harden::audit::{Change, Checked, Drift, Record};
use hostward_harden::check::{Severity, Verdict};
use hostward_model::time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// It is a record as `hostward audit --diff` reads it.
const FILE: &str = "audit.json";
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Checks that have drifted and are followed; there are no more checks of ours, and an administrator's may be many.
const DRIFTED_MAX: usize = 500;

/// The last audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Last {
    /// What it found.
    #[serde(flatten)]
    pub record: Record,
    /// When, wall clock.
    pub at_ms: i64,
    /// How long it took.
    pub seconds: f64,
    /// Checks that passed once and fail since then.
    #[serde(default)]
    pub drifted: BTreeMap<String, Drifted>,
}

/// A check that passed and fails now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drifted {
    /// How much it matters.
    pub severity: Severity,
    /// When that was found, wall clock.
    pub found_ms: i64,
    /// What is not as it should be, in a sentence.
    pub what: String,
    /// What changed.
    #[serde(default)]
    pub cause: Cause,
}

/// What changed, as far as that can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The file.
    pub file: Option<String>,
    /// When its content, its owner or its permissions changed, wall clock.
    pub changed_ms: Option<i64>,
    /// The package that it belongs to.
    pub package: Option<String>,
}

/// How long an audit took, and when.
#[derive(Clone, Copy, Debug)]
pub struct Ran {
    /// When it ended, wall clock.
    pub at_ms: i64,
    /// How long it took.
    pub seconds: f64,
}

impl Last {
    /// What comes after `old`, and what is to be noted of it. `cause` looks at the host.
    pub fn after(
        old: Option<&Last>,
        record: Record,
        ran: Ran,
        cause: impl Fn(&str) -> Cause,
    ) -> (Last, Vec<Entry>) {
        let drift = old.map(|old| Drift::between(&old.record, &record)).unwrap_or_default();
        let mut drifted = old.map(|old| old.drifted.clone()).unwrap_or_default();
        let mut notes = Vec::new();
        drifted.retain(|id, _| {
            let still = is_open(&record, id);
            if !still {
                notes.push(note(ran.at_ms, "check mended", id, ""));
            }
            still
        });
        let measured_alike = old.is_some_and(|old| is_alike(&old.record, &record));
        for change in drift.worse.iter().filter(|own| measured_alike && is_drift(own)) {
            if drifted.len() < DRIFTED_MAX {
                let own = drifted_by(change, ran.at_ms, &cause);
                notes.push(note(ran.at_ms, "check drifted", &change.id, &own.said()));
                drifted.insert(change.id.clone(), own);
            }
        }
        (Last { record, at_ms: ran.at_ms, seconds: ran.seconds, drifted }, notes)
    }

    /// The one that was kept; nothing when there is none, or it makes no sense: then there is nothing to drift from.
    pub fn read(dir: &Path) -> Option<Last> {
        let path = dir.join(FILE);
        let told = |why: String| tracing::warn!("{}: {why}; drift is counted anew", path.display());
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Ok(state) if state.len() > FILE_BYTES_MAX => {
                told(format!("larger than {FILE_BYTES_MAX} bytes"));
                return None;
            }
            _ => {}
        }
        let read = fs::read(&path).map_err(|error| error.to_string());
        let last = read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
        last.map_err(told).ok()
    }

    /// Keeps it.
    pub fn keep(&self, dir: &Path) -> io::Result<()> {
        durable::write(&dir.join(FILE), &serde_json::to_vec(self)?)
    }
}

impl Drifted {
    /// For people.
    pub fn said(&self) -> String {
        let Cause { file, changed_ms, package } = &self.cause;
        let Some(file) = file else { return self.what.clone() };
        let package = package.as_ref().map(|own| format!(" of the package {own}")).unwrap_or_default();
        let when = changed_ms.map(|own| format!(" changed at {}", time::rfc3339(own)));
        format!("{}; {file}{package}{}", self.what, when.unwrap_or_default())
    }
}

/// Fails still, or nobody can tell.
fn is_open(record: &Record, id: &str) -> bool {
    let open = |own: &&Checked| matches!(own.verdict, Verdict::Fail | Verdict::Error);
    record.checks.iter().find(|own| own.id == id).is_some_and(|own| open(&own))
}

/// What a stricter level, other frameworks or a new version find is not the host's doing.
fn is_alike(old: &Record, new: &Record) -> bool {
    let key = |own: &Record| (own.about.level, own.about.profile.clone(), own.about.version.clone());
    let frameworks = |own: &Record| own.frameworks.iter().map(|own| own.id.clone()).collect::<Vec<_>>();
    key(old) == key(new) && frameworks(old) == frameworks(new)
}

fn is_drift(own: &Change) -> bool {
    let before = matches!(own.before, Some(Verdict::Pass | Verdict::NotApplicable | Verdict::Waived));
    before && own.now == Some(Verdict::Fail)
}

fn drifted_by(change: &Change, found_ms: i64, cause: &impl Fn(&str) -> Cause) -> Drifted {
    let flaw = change.flaws.first();
    let what = flaw.map_or_else(|| change.title.clone(), |own| own.said());
    let what = if change.reason.is_empty() { what } else { format!("{what} ({})", change.reason) };
    let file = change.flaws.iter().find_map(|own| own.file.as_deref());
    Drifted { severity: change.severity, found_ms, what, cause: file.map(cause).unwrap_or_default() }
}

fn note(at_ms: i64, verb: &str, check: &str, reason: &str) -> Entry {
    let (verb, object, reason) = (verb.to_owned(), check.to_owned(), reason.to_owned());
    Entry { at_ms, by: "hostward".to_owned(), verb, object, reason }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use serde_json::json;

    /// An audit with these checks and verdicts.
    pub fn record(checks: &[(&str, &str)]) -> Record {
        let check = |(id, verdict): &(&str, &str)| {
            let met = *verdict != "fail";
            json!({ "id": id, "title": "T", "severity": "high", "verdict": verdict, "observations": [
                { "what": "x", "observed": "1", "wanted": "0", "origin": "/etc/x:1", "file": "/etc/x", "line": 1, "met": met },
            ] })
        };
        let frameworks = json!([{ "id": "cis", "title": "C", "version": "1", "ratio_of_decided": 0.5 }]);
        let checks: Vec<_> = checks.iter().map(check).collect();
        serde_json::from_value(json!({ "level": "moderate", "checks": checks, "frameworks": frameworks }))
            .unwrap()
    }

    /// The audit after another.
    pub fn after(old: Option<&Last>, checks: &[(&str, &str)], at_ms: i64) -> (Last, Vec<String>) {
        let cause = |file: &str| Cause {
            file: Some(file.to_owned()),
            changed_ms: Some(1000),
            package: Some("p".to_owned()),
        };
        let (last, notes) = Last::after(old, record(checks), Ran { at_ms, seconds: 0.5 }, cause);
        (last, notes.into_iter().map(|own| format!("{} {}: {}", own.verb, own.object, own.reason)).collect())
    }

    #[test]
    fn what_passed_and_fails_has_drifted_until_it_is_mended() {
        let (first, notes) = after(None, &[("a", "pass"), ("b", "fail"), ("c", "error")], 1);
        assert!(first.drifted.is_empty() && notes.is_empty());
        let (second, notes) = after(Some(&first), &[("a", "fail"), ("b", "fail"), ("c", "fail")], 2);
        let said = "check drifted a: x: 1; wanted 0; /etc/x of the package p changed at 1970-01-01T00:00:01Z";
        assert_eq!(notes, [said]);
        let (third, notes) = after(Some(&second), &[("a", "error"), ("b", "pass")], 3);
        assert_eq!((third.drifted["a"].found_ms, notes.len()), (2, 0), "nobody knows that it was mended");
        let (fourth, notes) = after(Some(&third), &[("a", "waived"), ("b", "pass")], 4);
        assert_eq!(notes, ["check mended a: "]);
        assert!(fourth.drifted.is_empty());
    }

    #[test]
    fn another_measure_is_no_drift() {
        let (mut first, _) = after(None, &[("a", "pass")], 1);
        first.record.about.version = "0".to_owned();
        let (second, notes) = after(Some(&first), &[("a", "fail")], 2);
        assert!(second.drifted.is_empty() && notes.is_empty());
    }

    #[test]
    fn what_is_kept_is_read_and_is_a_record() {
        let scratch = Scratch::new("last");
        assert_eq!(Last::read(scratch.path()), None);
        let (first, _) = after(None, &[("a", "pass")], 1);
        let (second, _) = after(Some(&first), &[("a", "fail")], 2);
        second.keep(scratch.path()).unwrap();
        assert_eq!(Last::read(scratch.path()).unwrap(), second);
        let text = fs::read_to_string(scratch.path().join(FILE)).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), second.record);
        fs::write(scratch.path().join(FILE), "{").unwrap();
        assert_eq!(Last::read(scratch.path()), None);
    }
}
