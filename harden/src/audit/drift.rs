//! Two audits of one host: what got worse, what got better, what is new and what is gone.

use super::record::{Checked, Record, Seen};
use crate::check::{Severity, Verdict};
use serde::Serialize;

/// What lies between two audits.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Drift {
    /// When the older one was made.
    pub since: String,
    /// Fails or cannot be told now, and did not before.
    pub worse: Vec<Change>,
    /// Failed or could not be told before, and does neither now.
    pub better: Vec<Change>,
    /// Said something else before, and neither is better.
    pub other: Vec<Change>,
    /// There was no such check.
    pub new: Vec<Change>,
    /// There is no such check any more.
    pub gone: Vec<Change>,
    /// Frameworks whose ratio has changed.
    pub scores: Vec<Shift>,
}

/// A check that says something else.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// What holds when it passes.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it said.
    pub before: Option<Verdict>,
    /// What it says.
    pub now: Option<Verdict>,
    /// Why it does not apply, cannot be told or is waived.
    pub reason: String,
    /// What is not as it should be now.
    pub flaws: Vec<Seen>,
}

/// A framework whose ratio has changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Its id.
    pub framework: String,
    /// The ratio that it had.
    pub before: Option<f64>,
    /// The ratio that it has.
    pub now: Option<f64>,
}

impl Drift {
    /// What lies between `old` and `new`.
    pub fn between(old: &Record, new: &Record) -> Drift {
        let mut drift = Drift { since: old.about.at.clone(), scores: shifts(old, new), ..Drift::default() };
        for own in &new.checks {
            match old.checks.iter().find(|other| other.id == own.id) {
                None => drift.new.push(change(own, None, Some(own.verdict))),
                Some(before) => drift.note(own, before.verdict),
            }
        }
        let gone = old.checks.iter().filter(|own| !new.checks.iter().any(|other| other.id == own.id));
        drift.gone = gone.map(|own| change(own, Some(own.verdict), None)).collect();
        drift
    }

    fn note(&mut self, own: &Checked, before: Verdict) {
        let list = match badness(own.verdict).cmp(&badness(before)) {
            std::cmp::Ordering::Greater => &mut self.worse,
            std::cmp::Ordering::Less => &mut self.better,
            std::cmp::Ordering::Equal if own.verdict == before => return,
            std::cmp::Ordering::Equal => &mut self.other,
        };
        list.push(change(own, Some(before), Some(own.verdict)));
    }
}

fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 2,
        Verdict::Error => 1,
        Verdict::Pass | Verdict::NotApplicable | Verdict::NotSelected | Verdict::Waived => 0,
    }
}

fn change(own: &Checked, before: Option<Verdict>, now: Option<Verdict>) -> Change {
    Change {
        id: own.id.clone(),
        title: own.title.clone(),
        severity: own.severity,
        before,
        now,
        reason: own.reason.clone(),
        flaws: own.flaws().cloned().collect(),
    }
}

fn shifts(old: &Record, new: &Record) -> Vec<Shift> {
    let shift = |own: &super::record::Scored| {
        let before = old.frameworks.iter().find(|other| other.id == own.id)?.ratio_of_decided;
        let now = own.ratio_of_decided;
        (before != now).then(|| Shift { framework: own.id.clone(), before, now })
    };
    new.frameworks.iter().filter_map(shift).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    #[test]
    fn each_change_is_in_one_list() {
        let (old, mut new) = (record(), record());
        let verdicts =
            |all: &[Change]| -> Vec<_> { all.iter().map(|own| (own.id.clone(), own.now)).collect() };
        assert_eq!(Drift::between(&old, &new), Drift { since: old.about.at.clone(), ..Drift::default() });
        new.checks[0].verdict = Verdict::Pass;
        new.checks[1].verdict = Verdict::Fail;
        new.checks[3].verdict = Verdict::Pass;
        new.checks[4].verdict = Verdict::Fail;
        new.checks[5].id = "acct.b".to_owned();
        new.frameworks[0].ratio_of_decided = Some(0.25);
        let drift = Drift::between(&old, &new);
        let worse =
            [("ssh.x11".to_owned(), Some(Verdict::Fail)), ("mount.tmp".to_owned(), Some(Verdict::Fail))];
        assert_eq!(verdicts(&drift.worse), worse);
        assert_eq!(verdicts(&drift.better), [("ssh.root_login".to_owned(), Some(Verdict::Pass))]);
        assert_eq!(verdicts(&drift.other), [("mount.home".to_owned(), Some(Verdict::Pass))]);
        assert_eq!(verdicts(&drift.new), [("acct.b".to_owned(), Some(Verdict::NotSelected))]);
        assert_eq!(verdicts(&drift.gone), [("acct.a".to_owned(), None)]);
        assert_eq!(drift.scores, [Shift { framework: "cis".to_owned(), before: Some(0.5), now: Some(0.25) }]);
    }
}
