//! The kernel is asked to record something: writes to files, or system calls.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRule {
    /// Files or directories, each watched itself or with a directory above it.
    #[serde(default)]
    watches: Vec<String>,
    /// Which uses of them, as auditctl(8) spells them.
    #[serde(default = "writes")]
    permissions: String,
    /// Each is recorded.
    #[serde(default)]
    syscalls: Vec<String>,
    /// Conditions, for each of which there is a rule of each call.
    #[serde(default)]
    fields: Vec<String>,
    pub expect: Levels<State>,
}

/// What is expected.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Recorded,
}

fn writes() -> String {
    "wa".to_owned()
}

impl AuditRule {
    pub fn judge(&self, facts: &Facts) -> Outcome {
        let all = match area(facts, "audit-rules", WhenAbsent::Fail) {
            Ok(all) => all,
            Err(outcome) => return outcome,
        };
        let watches = self.watches.iter().map(|path| self.watch(path, all));
        let calls = self.syscalls.iter().flat_map(|call| self.call(call, all));
        Outcome::of(watches.chain(calls).collect())
    }

    fn watch(&self, path: &str, all: &[Fact]) -> Observation {
        let covers = |fact: &&Fact| {
            let below = path
                .strip_prefix(fact.scope.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            fact.key == "watch" && below && self.permissions.chars().all(|own| fact.value.contains(own))
        };
        let wanted = format!("watched for {}", self.permissions);
        match all.iter().find(covers) {
            Some(fact) => Observation { what: path.to_owned(), ..Observation::of(fact, &wanted, true) },
            None => Observation::without(path, "no rule", &wanted, false),
        }
    }

    fn call(&self, call: &str, all: &[Fact]) -> Vec<Observation> {
        let rules: Vec<&Fact> =
            all.iter().filter(|fact| fact.key == "syscall" && fact.scope == call).collect();
        let found = |field: Option<&String>| {
            let fits =
                |fact: &&&Fact| field.is_none_or(|field| fact.value.split(' ').any(|own| own == field));
            let wanted = field.map_or("recorded".to_owned(), |field| format!("recorded with {field}"));
            match rules.iter().find(fits) {
                Some(fact) => Observation { what: call.to_owned(), ..Observation::of(fact, &wanted, true) },
                None => Observation::without(call, "no rule", &wanted, false),
            }
        };
        if self.fields.is_empty() {
            vec![found(None)]
        } else {
            self.fields.iter().map(|field| found(Some(field))).collect()
        }
    }
}
