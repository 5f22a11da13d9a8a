//! The score of a host against a framework.

use super::framework::{Decidable, Framework, Grade, Requirement};
use crate::check::{Judgement, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of a requirement on this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Every check passes and nothing else is asked.
    Passed,
    /// Every check passes; people and papers remain to be looked at.
    #[serde(rename = "passed as far as a host can tell")]
    PassedHere,
    /// A check fails.
    Failed,
    /// A check fails, and somebody answers for that; nothing else fails.
    Waived,
    /// The host has nothing that it could hold for.
    #[serde(rename = "not applicable")]
    NotApplicable,
    /// Something could not be read, or the level does not ask for it.
    Unknown,
    /// No host can decide it.
    #[serde(rename = "not decidable here")]
    NotDecidable,
}

/// The score of a host against a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Id of the framework.
    pub framework: String,
    /// What is known of each requirement, with the weakest grade of the checks that say so.
    pub requirements: BTreeMap<String, (Status, Option<Grade>)>,
}

/// Adds up judgements, each of another check.
pub fn score(framework: &Framework, judgements: &[Judgement]) -> Score {
    let verdicts: BTreeMap<&str, Verdict> =
        judgements.iter().map(|own| (own.check.as_str(), own.verdict)).collect();
    let known = |own: &Requirement| (status(own, &verdicts), own.checks().map(|(_, grade)| grade).max());
    let requirements = framework.requirements.iter().map(|(id, own)| (id.clone(), known(own))).collect();
    Score { framework: framework.id.clone(), requirements }
}

impl Score {
    /// How many requirements have this status.
    pub fn count(&self, status: Status) -> usize {
        self.requirements.values().filter(|(own, _)| *own == status).count()
    }

    /// Passed requirements out of those that were decided; nothing when none was. What passes only as far as a host
    /// can tell counts as passed here, and is shown apart.
    pub fn ratio(&self) -> Option<f64> {
        let passed = self.count(Status::Passed) + self.count(Status::PassedHere);
        let decided = passed + self.count(Status::Failed) + self.count(Status::Waived);
        (decided > 0).then(|| passed as f64 / decided as f64)
    }
}

impl Status {
    /// Every status, in the order of a report.
    pub const ALL: [Status; 7] = [
        Status::Passed,
        Status::PassedHere,
        Status::Failed,
        Status::Waived,
        Status::NotApplicable,
        Status::Unknown,
        Status::NotDecidable,
    ];

    /// The words in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::PassedHere => "passed as far as a host can tell",
            Status::Failed => "failed",
            Status::Waived => "waived",
            Status::NotApplicable => "not applicable",
            Status::Unknown => "unknown",
            Status::NotDecidable => "not decidable here",
        }
    }
}

fn status(own: &Requirement, verdicts: &BTreeMap<&str, Verdict>) -> Status {
    if own.decidable == Decidable::No {
        return Status::NotDecidable;
    }
    // A check that nobody ran is as unknown as one that could not be run.
    let of: Vec<Verdict> =
        own.checks().map(|(check, _)| verdicts.get(check).copied().unwrap_or(Verdict::NotSelected)).collect();
    let some = |verdict| of.contains(&verdict);
    if some(Verdict::Fail) {
        Status::Failed
    } else if some(Verdict::Error) || some(Verdict::NotSelected) {
        Status::Unknown
    } else if some(Verdict::Waived) {
        Status::Waived
    } else if !some(Verdict::Pass) {
        Status::NotApplicable
    } else if own.decidable == Decidable::Yes {
        Status::Passed
    } else {
        Status::PassedHere
    }
}
