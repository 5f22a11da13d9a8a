//! What a check says of a host, and the evidence for it.

use hostward_model::{Fact, Origin};
use serde::{Deserialize, Serialize};

/// Observations that one check keeps; whoever has more has one cause for them.
const OBSERVATIONS_MAX: usize = 100;

/// What a check says of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// The host has nothing that it could hold for.
    NotApplicable,
    /// It cannot be told, because something could not be read or understood.
    Error,
    /// The level does not ask for it.
    NotSelected,
    /// It does not hold, and somebody answers for that.
    Waived,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What: a key with its scope, a path, an account.
    pub what: String,
    /// What it is.
    pub observed: String,
    /// What it should be.
    pub wanted: String,
    /// Where that was found.
    pub origin: Option<Origin>,
    /// Whether it is as it should be.
    pub met: bool,
}

/// What a check says of a host, with what it says it for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Id of the check.
    pub check: String,
    /// What it says.
    pub verdict: Verdict,
    /// Why it does not apply, cannot be told or is waived; empty otherwise.
    pub reason: String,
    /// What was looked at; what is not as it should be comes first.
    pub observations: Vec<Observation>,
}

/// What one test says.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub verdict: Verdict,
    pub reason: String,
    pub observations: Vec<Observation>,
}

impl Verdict {
    /// The word in content and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::NotApplicable => "not-applicable",
            Verdict::Error => "error",
            Verdict::NotSelected => "not-selected",
            Verdict::Waived => "waived",
        }
    }
}

impl Judgement {
    pub(super) fn new(check: &str, mut outcome: Outcome) -> Self {
        outcome.observations.sort_by_key(|own| own.met);
        outcome.observations.truncate(OBSERVATIONS_MAX);
        Judgement {
            check: check.to_owned(),
            verdict: outcome.verdict,
            reason: outcome.reason,
            observations: outcome.observations,
        }
    }

    /// What is not as it should be.
    pub fn flaws(&self) -> impl Iterator<Item = &Observation> {
        self.observations.iter().filter(|own| !own.met)
    }
}

impl Observation {
    /// Of a fact.
    pub fn of(fact: &Fact, wanted: &str, met: bool) -> Self {
        let what =
            if fact.scope.is_empty() { fact.key.clone() } else { format!("{}: {}", fact.scope, fact.key) };
        let observed = if fact.value.is_empty() { "set".to_owned() } else { fact.value.clone() };
        Observation { what, observed, wanted: wanted.to_owned(), origin: Some(fact.origin.clone()), met }
    }

    /// Of something that has no fact.
    pub fn without(what: &str, observed: &str, wanted: &str, met: bool) -> Self {
        Observation {
            what: what.to_owned(),
            observed: observed.to_owned(),
            wanted: wanted.to_owned(),
            origin: None,
            met,
        }
    }
}

impl Outcome {
    /// Passes when everything that was looked at is as it should be.
    pub fn of(observations: Vec<Observation>) -> Self {
        let verdict = if observations.iter().all(|own| own.met) { Verdict::Pass } else { Verdict::Fail };
        Outcome { verdict, reason: String::new(), observations }
    }

    pub fn not_applicable(reason: &str) -> Self {
        Outcome { verdict: Verdict::NotApplicable, reason: reason.to_owned(), observations: Vec::new() }
    }

    pub fn error(reason: &str) -> Self {
        Outcome { verdict: Verdict::Error, reason: reason.to_owned(), observations: Vec::new() }
    }

    /// Every one must hold: what fails is worse than what cannot be told, and what does not apply says nothing.
    pub fn all(outcomes: Vec<Outcome>) -> Self {
        let rank = |outcome: &Outcome| match outcome.verdict {
            Verdict::Fail => 0,
            Verdict::Error => 1,
            Verdict::Pass => 2,
            _ => 3,
        };
        Self::merged(outcomes, rank)
    }

    /// One must hold; nothing when there are none.
    pub fn any(outcomes: Vec<Outcome>) -> Option<Self> {
        let rank = |outcome: &Outcome| match outcome.verdict {
            Verdict::Pass => 0,
            Verdict::Error => 1,
            Verdict::Fail => 2,
            _ => 3,
        };
        let held = outcomes.iter().position(|outcome| outcome.verdict == Verdict::Pass);
        match held {
            // What the others lack is no flaw then.
            Some(at) => outcomes.into_iter().nth(at),
            None => (!outcomes.is_empty()).then(|| Self::merged(outcomes, rank)),
        }
    }

    fn merged(outcomes: Vec<Outcome>, rank: impl Fn(&Outcome) -> u8) -> Self {
        let Some(first) = outcomes.iter().min_by_key(|outcome| rank(outcome)) else {
            return Outcome {
                verdict: Verdict::NotSelected,
                reason: String::new(),
                observations: Vec::new(),
            };
        };
        let (verdict, reason) = (first.verdict, first.reason.clone());
        let observations = outcomes.into_iter().flat_map(|outcome| outcome.observations).collect();
        Outcome { verdict, reason, observations }
    }
}
