//! A module stands in a PAM stack with the arguments that it should have, or does not stand there.

use super::expect::{Expect, Unit};
use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PamModule {
    /// Services, of each of which the stack is looked at.
    services: Vec<String>,
    /// `auth`, `account`, `password` or `session`.
    r#type: String,
    /// As it is written, `pam_unix.so`.
    module: String,
    /// The argument whose value is judged; all arguments together if not given.
    argument: Option<String>,
    pub expect: Levels<Expect>,
}

impl PamModule {
    pub fn judge(&self, facts: &Facts, expect: &Expect) -> Outcome {
        let all = match area(facts, "pam", WhenAbsent::NotApplicable) {
            Ok(all) => all,
            Err(outcome) => return outcome,
        };
        Outcome::of(self.services.iter().flat_map(|service| self.observe(service, all, expect)).collect())
    }

    fn observe(&self, service: &str, all: &[Fact], expect: &Expect) -> Vec<Observation> {
        let lines = all.iter().filter(|fact| fact.scope == service && fact.key == self.r#type);
        let lines: Vec<(&Fact, &str)> =
            lines.filter_map(|fact| Some((fact, self.arguments(&fact.value)?))).collect();
        let what = format!("{service} {} {}", self.r#type, self.module);
        if lines.is_empty() {
            // An argument of a module that is not there is not set; what is expected of its value cannot hold.
            return vec![Observation::without(
                &what,
                "not in the stack",
                &expect.said(),
                expect.holds(None, Unit::Number),
            )];
        }
        let observation = |(fact, arguments): &(&Fact, &str)| {
            let value = self.value(arguments);
            let met = expect.holds(value, Unit::Number);
            let observed =
                value.map_or("not set", |value| if value.is_empty() { "set" } else { value }).to_owned();
            let what = self.argument.as_ref().map_or(what.clone(), |name| format!("{what} {name}"));
            Observation { what, observed, ..Observation::of(fact, &expect.said(), met) }
        };
        lines.iter().map(observation).collect()
    }

    /// What follows the module in `[success=1 default=ignore] pam_unix.so nullok`; nothing when it is another one.
    fn arguments<'l>(&self, line: &'l str) -> Option<&'l str> {
        let rest = match line.strip_prefix('[') {
            Some(control) => control.split_once(']').map_or("", |(_, rest)| rest),
            None => line.split_once(' ').map_or("", |(_, rest)| rest),
        };
        let (module, arguments) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        (module.rsplit('/').next() == Some(self.module.as_str())).then(|| arguments.trim())
    }

    fn value<'l>(&self, arguments: &'l str) -> Option<&'l str> {
        let Some(name) = &self.argument else { return Some(arguments) };
        arguments.split(' ').find_map(|word| {
            let (own, value) = word.split_once('=').unwrap_or((word, ""));
            (own == name).then_some(value)
        })
    }
}
