//! Units of systemd start at boot, or do not.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::pattern::fits;
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Names, or patterns of them.
    names: Vec<String>,
    pub expect: Levels<State>,
}

/// What is expected of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// At least one starts at boot.
    Enabled,
    /// None does.
    Disabled,
}

impl Unit {
    pub fn judge(&self, facts: &Facts, state: State) -> Outcome {
        let all = match area(facts, "units", WhenAbsent::NotApplicable) {
            Ok(all) => all,
            Err(outcome) => return outcome,
        };
        let named = |fact: &&Fact| self.names.iter().any(|name| fits(name, &fact.scope));
        let known: Vec<&Fact> = all.iter().filter(named).collect();
        let enabled: Vec<&Fact> = known.iter().copied().filter(|fact| fact.value == "enabled").collect();
        match state {
            State::Enabled if enabled.is_empty() && known.is_empty() => {
                let names = self.names.join(" or ");
                Outcome::of(vec![Observation::without(&names, "not on this host", "enabled", false)])
            }
            State::Enabled if enabled.is_empty() => observed(&known, "enabled", false),
            State::Enabled => observed(&enabled, "enabled", true),
            State::Disabled if enabled.is_empty() => observed(&known, "disabled", true),
            State::Disabled => observed(&enabled, "disabled", false),
        }
    }
}

fn observed(facts: &[&Fact], wanted: &str, met: bool) -> Outcome {
    Outcome::of(facts.iter().map(|fact| Observation::of(fact, wanted, met)).collect())
}
