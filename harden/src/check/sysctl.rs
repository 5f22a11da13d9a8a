//! Kernel parameters have the values that they should have: those that are set at boot, and those that hold now.

use super::expect::{Expect, Unit};
use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::pattern::fits;
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts, Look, Wanted};
use serde::Deserialize;

/// The area of values that hold now.
const RUNNING: &str = "sysctl-running";

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sysctl {
    names: Vec<String>,
    pub expect: Levels<Expect>,
}

impl Sysctl {
    pub fn wants(&self) -> Wanted {
        Wanted {
            areas: ["sysctl".to_owned()].into(),
            parameters: self.names.iter().cloned().collect(),
            ..Wanted::default()
        }
    }

    pub fn judge(&self, facts: &Facts, expect: &Expect) -> Outcome {
        let at_boot = match area(facts, "sysctl", WhenAbsent::Fail) {
            Ok(at_boot) => at_boot,
            Err(outcome) => return outcome,
        };
        let running: &[Fact] = match facts.areas.get(RUNNING) {
            Some(Look::Seen(running)) => running,
            // An image runs nothing.
            Some(Look::Absent(_)) | None => &[],
            Some(Look::Unseen(gap)) => return Outcome::error(&gap.reason),
        };
        Outcome::of(self.names.iter().flat_map(|name| observe(name, at_boot, running, expect)).collect())
    }
}

fn observe(name: &str, at_boot: &[Fact], running: &[Fact], expect: &Expect) -> Vec<Observation> {
    let said = expect.said();
    let holds = |fact: &Fact| expect.holds(Some(&fact.value), Unit::Number);
    let set = |fact: &Fact, when: &str| Observation {
        what: format!("{name} {when}"),
        ..Observation::of(fact, &said, holds(fact))
    };
    let now = running.iter().find(|fact| fact.key == name);
    // A name counts before a pattern that it fits, whatever their order.
    let exact = at_boot.iter().find(|fact| fact.key == name);
    let boot =
        exact.or_else(|| at_boot.iter().rev().find(|fact| fact.key.contains('*') && fits(&fact.key, name)));
    let boot = match boot {
        Some(fact) => set(fact, "at boot"),
        None => Observation::without(&format!("{name} at boot"), "not set", &said, false),
    };
    std::iter::once(boot).chain(now.map(|fact| set(fact, "now"))).collect()
}
