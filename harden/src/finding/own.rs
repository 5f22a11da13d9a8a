//! What hostward itself finds: a check that fails is a finding, and one that passes in a fresh audit closes it.

use super::state::{Event, State};
use super::track::{Changes, Tracked, lay_over};
use super::{Finding, Identity, Location};
use crate::check::{Check, Judgement, Verdict};
use std::collections::BTreeMap;

/// The program that finds them.
pub const TOOL: &str = "hostward";

/// A judgement as a finding; its id depends on the check alone.
pub fn of_judgement(check: &Check, own: &Judgement) -> Finding {
    let flaws = own.flaws().map(|flaw| format!("{}: {}, wanted {}\n", flaw.what, flaw.observed, flaw.wanted));
    let mut finding = Finding {
        tool: TOOL.to_owned(),
        rule: check.id.clone(),
        severity: Some(check.severity.into()),
        title: check.title.clone(),
        location: Location::Setting { name: check.id.clone() },
        evidence: flaws.collect(),
        advice: check.rationale.clone(),
        references: check.sources.clone(),
        ..Finding::default()
    }
    .cleaned();
    finding.id = Identity::default().of(&finding, "", 0).unwrap_or_default();
    finding
}

/// Lays an audit over what is known. What could not be told this time stays as it is.
pub fn lay_audit(
    known: &mut BTreeMap<String, Tracked>,
    judged: &[(&Check, &Judgement)],
    at_ms: i64,
) -> Changes {
    let of = |verdict: fn(Verdict) -> bool| {
        let fitting = judged.iter().filter(move |(_, own)| verdict(own.verdict));
        fitting.map(|(check, own)| of_judgement(check, own)).collect::<Vec<_>>()
    };
    let mut changes = lay_over(known, &of(|own| own == Verdict::Fail), &[], at_ms);
    for finding in of(|own| matches!(own, Verdict::Pass | Verdict::NotApplicable)) {
        let Some(own) = known.get_mut(&finding.id).filter(|own| own.state != State::Closed) else { continue };
        own.note(Event::Gone, at_ms, "the check was run again and holds");
        changes.closed += 1;
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judgement(verdict: Verdict) -> Judgement {
        let observations = vec![crate::check::Observation::without("PermitRootLogin", "yes", "no", false)];
        Judgement { check: "ssh.root_login".to_owned(), verdict, reason: String::new(), observations }
    }

    #[test]
    fn a_check_that_fails_opens_and_only_one_that_holds_closes() {
        let text = include_str!("../../../content/checks/ssh/root_login.toml");
        let check = Check::parse("root_login.toml", text).unwrap();
        let mut known = BTreeMap::new();
        let mut lay = |verdict, at_ms| lay_audit(&mut known, &[(&check, &judgement(verdict))], at_ms);
        assert_eq!(lay(Verdict::Fail, 1), Changes { new: 1, ..Changes::default() });
        assert_eq!(lay(Verdict::Error, 2), Changes::default());
        assert_eq!(lay(Verdict::Pass, 3), Changes { closed: 1, ..Changes::default() });
        assert_eq!(lay(Verdict::Pass, 4), Changes::default());
        assert_eq!(lay(Verdict::Fail, 5), Changes { known: 1, reopened: 1, ..Changes::default() });
        let own = known.values().next().unwrap();
        assert_eq!(own.finding.evidence, "PermitRootLogin: yes, wanted no");
        let notes: Vec<_> = own.notes.iter().map(|own| own.saw.as_str()).collect();
        assert_eq!(
            notes,
            ["PermitRootLogin: yes, wanted no", "the check was run again and holds", "a scan sees it"]
        );
    }
}
