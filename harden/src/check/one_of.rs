//! Of several programs for one purpose exactly one is in use: two would work against each other.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOf {
    /// What they are for.
    purpose: String,
    /// The programs with the units that start them.
    candidates: BTreeMap<String, Vec<String>>,
    pub expect: Levels<State>,
}

/// What is expected.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    One,
}

impl OneOf {
    pub fn judge(&self, facts: &Facts) -> Outcome {
        let units = match area(facts, "units", WhenAbsent::NotApplicable) {
            Ok(units) => units,
            Err(outcome) => return outcome,
        };
        let in_use: Vec<(&String, &Fact)> =
            self.candidates.iter().filter_map(|(name, own)| Some((name, starts(own, units)?))).collect();
        let wanted = format!("exactly one for {}", self.purpose);
        if in_use.is_empty() {
            let names = self.candidates.keys().cloned().collect::<Vec<_>>().join(", ");
            return Outcome::of(vec![Observation::without(&names, "none is enabled", &wanted, false)]);
        }
        let alone = in_use.len() == 1;
        let observation = |(name, fact): &(&String, &Fact)| Observation {
            what: (*name).clone(),
            ..Observation::of(fact, &wanted, alone)
        };
        Outcome::of(in_use.iter().map(observation).collect())
    }
}

fn starts<'f>(own: &[String], units: &'f [Fact]) -> Option<&'f Fact> {
    units.iter().find(|fact| fact.value == "enabled" && own.contains(&fact.scope))
}
