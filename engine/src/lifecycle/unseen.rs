//! Metrics that rules name and that this host may not have: a rule that waits for one for ever looks like one that
//! holds.

use super::{RuleKey, rule_key};
use crate::rules::{RuleKind, RuleSet};
use crate::series::Table;
use crate::sight;
use std::collections::{BTreeMap, BTreeSet};

/// Series that the engine makes for rules.
const MADE: [&str; 5] = [sight::ANOMALY, sight::SCORE, sight::ALERT, "ALERTS", "ALERTS_FOR_STATE"];

/// By rule, the metrics that it names and that neither a probe declares nor a rule records.
#[derive(Clone, Debug, Default)]
pub struct Undeclared(BTreeMap<RuleKey, Vec<String>>);

impl Undeclared {
    /// Of a set of rules.
    pub fn of(rules: &RuleSet) -> Self {
        let recorded: BTreeSet<&str> = rules
            .rules()
            .filter(|rule| rule.kind == RuleKind::Record)
            .map(|rule| rule.name.as_str())
            .collect();
        let is_known = |name: &str| {
            MADE.contains(&name)
                || recorded.contains(name)
                || rules.declared.iter().any(|metric| metric.can_be(name))
        };
        let mut undeclared = BTreeMap::new();
        for rule in rules.rules() {
            let named = rule.expr.selectors().filter_map(|selector| selector.name.as_deref());
            let unknown: BTreeSet<&str> = named.filter(|name| !is_known(name)).collect();
            if !unknown.is_empty() {
                undeclared.insert(rule_key(rule), unknown.into_iter().map(str::to_owned).collect());
            }
        }
        Undeclared(undeclared)
    }

    /// Those of a rule that no series has shown either: a plugin or a text file may bring them yet.
    pub fn unseen(&self, key: &RuleKey, table: &Table) -> Vec<String> {
        let names = self.0.get(key).into_iter().flatten();
        names.filter(|name| table.named(name).is_empty()).cloned().collect()
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
