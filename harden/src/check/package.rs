//! Packages are installed, or are not.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::pattern::fits;
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Names, or patterns of them.
    names: Vec<String>,
    pub expect: Levels<State>,
}

/// What is expected of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// At least one is installed.
    Installed,
    /// None is.
    Absent,
}

impl Package {
    pub fn judge(&self, facts: &Facts, state: State) -> Outcome {
        let all = match area(facts, "packages", WhenAbsent::NotApplicable) {
            Ok(all) => all,
            Err(outcome) => return outcome,
        };
        let found: Vec<&Fact> =
            all.iter().filter(|fact| self.names.iter().any(|name| fits(name, &fact.key))).collect();
        let (wanted, met) = match state {
            State::Installed => ("installed", true),
            State::Absent => ("absent", false),
        };
        if found.is_empty() {
            return Outcome::of(vec![Observation::without(&self.names.join(", "), "absent", wanted, !met)]);
        }
        Outcome::of(found.iter().map(|fact| Observation::of(fact, wanted, met)).collect())
    }
}
