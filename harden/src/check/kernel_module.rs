//! Kernel modules cannot be loaded. `blacklist` alone is not enough: it stops aliases, not a module's own name.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelModule {
    names: Vec<String>,
    pub expect: Levels<State>,
}

/// What is expected of each module.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Blocked,
}

impl KernelModule {
    pub fn judge(&self, facts: &Facts) -> Outcome {
        match area(facts, "modprobe", WhenAbsent::Fail) {
            Ok(all) => Outcome::of(self.names.iter().map(|name| observe(name, all)).collect()),
            Err(outcome) => outcome,
        }
    }
}

fn observe(name: &str, all: &[Fact]) -> Observation {
    let module = name.replace('-', "_");
    let own = |fact: &&Fact| fact.scope == module;
    match all.iter().filter(own).find(|fact| fact.key == "install") {
        Some(fact) => {
            let command = fact.value.split_whitespace().next().unwrap_or("");
            let nothing = matches!(command.rsplit('/').next(), Some("false" | "true"));
            Observation::of(fact, "a command that does nothing", nothing)
        }
        None => {
            let observed = if all.iter().any(|fact| own(&fact)) { "no install rule" } else { "no rule" };
            Observation::without(name, observed, "an install rule that does nothing", false)
        }
    }
}
