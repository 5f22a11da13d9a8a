//! One rule, evaluated: its results are recorded, or held against the alerts that it has.

use super::active::Active;
use super::recorded::Joined;
use super::shape::{agree, as_series, describe};
use super::{Lifecycle, rule_key};
use crate::alert::{Alert, Evidence};
use crate::counts::Counts;
use crate::labels::Labels;
use crate::promql::Value;
use crate::promql::source::{Selector, Source};
use crate::rules::{Around, Group, Rule, RuleKind};
use hostward_model::Now;
use std::collections::{BTreeMap, BTreeSet};

/// One rule may have so many alerts at once; more is an error of the rule.
const ALERTS_PER_RULE_MAX: usize = 200;

/// Finds what stands beside an alert of a rule with certain labels.
pub type Witness<'a> = &'a dyn Fn(&Rule, &Labels) -> Vec<Evidence>;

/// One look of the rules at the host.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// When.
    pub now: Now,
    /// The series that are seen.
    pub host: &'a dyn Source,
    /// What stands beside an alert.
    pub evidence: Witness<'a>,
}

impl Lifecycle {
    /// Evaluates a rule and takes up what it gives; why it failed is remembered.
    pub(super) fn evaluate_rule(&mut self, look: Look<'_>, group: &Group, rule: &Rule, counts: &mut Counts) {
        counts.evaluations += 1;
        let at_ms = look.now.wall_ms - i64::try_from(group.query_offset_ms).unwrap_or(0);
        let outcome = match (self.results(group, rule, look.host, at_ms), rule.kind) {
            (Ok(results), RuleKind::Record) => self.record(rule, results, at_ms),
            (Ok(results), RuleKind::Alert) => self.alert(look, rule, results, at_ms),
            (Err(error), _) => Err(error),
        };
        match outcome {
            Ok(()) if self.errors.is_empty() => {}
            Ok(()) => drop(self.errors.remove(&rule_key(rule))),
            Err(error) => {
                counts.evaluation_failures += 1;
                self.errors.insert(rule_key(rule), error);
            }
        }
    }

    /// The rule's expression, as label sets with values; a number is one without labels, as in Prometheus.
    fn results(
        &mut self,
        group: &Group,
        rule: &Rule,
        host: &dyn Source,
        at_ms: i64,
    ) -> Result<Vec<(Labels, f64)>, String> {
        let source = Joined { host, recorded: &self.recorded };
        let value = rule.expr.eval_within(&source, at_ms, &mut self.budget.left);
        let results = match value.map_err(|error| self.budget.explain(&rule.name, error))? {
            Value::Vector(results) => results,
            Value::Scalar(value) => vec![(Labels::default(), value)],
            _ => return Err("the expression gives neither a vector nor a number".to_owned()),
        };
        if group.limit > 0 && results.len() > group.limit {
            let (limit, count) = (group.limit, results.len());
            return Err(format!("exceeded limit of {limit} with {count} results"));
        }
        Ok(results)
    }

    fn record(&mut self, rule: &Rule, results: Vec<(Labels, f64)>, at_ms: i64) -> Result<(), String> {
        let samples: BTreeMap<Labels, f64> =
            results.iter().map(|(labels, value)| (rule.recorded_labels(labels), *value)).collect();
        if samples.len() < results.len() {
            return Err("two results have the same labels once the rule's labels are set".to_owned());
        }
        self.recorded.take(rule, samples, at_ms)
    }

    fn alert(
        &mut self,
        look: Look<'_>,
        rule: &Rule,
        results: Vec<(Labels, f64)>,
        at_ms: i64,
    ) -> Result<(), String> {
        let now = look.now;
        let seen = {
            let source = Joined { host: look.host, recorded: &self.recorded };
            let external_labels = Some(&self.rules.external_labels);
            let around = Around { external_labels, source: Some(&source), at_ms };
            let described = results.into_iter().take(ALERTS_PER_RULE_MAX + 1);
            described.map(|(labels, value)| describe(rule, labels, value, now, around)).collect::<Vec<_>>()
        };
        self.settle(look, rule, at_ms);
        let outcome = self.apply(look, rule, seen);
        let states = self.active.values().filter(|active| active.is_of(rule));
        let samples: Vec<_> = states.flat_map(|active| as_series(&active.alert)).collect();
        outcome.and(self.recorded.take(rule, samples, at_ms))
    }

    /// Alerts from before a restart wait until their series are heard of.
    fn settle(&mut self, look: Look<'_>, rule: &Rule, at_ms: i64) {
        let source = Joined { host: look.host, recorded: &self.recorded };
        for active in self.active.values_mut().filter(|active| active.is_of(rule)) {
            active.settle(look.now, rule, |labels, ago_ms| {
                let heard = |own: &Selector| {
                    source.instant(own, at_ms, ago_ms).iter().any(|(known, _)| agree(labels, known))
                };
                rule.expr.selectors().all(heard)
            });
        }
    }

    fn apply(&mut self, look: Look<'_>, rule: &Rule, alerts: Vec<Alert>) -> Result<(), String> {
        let now = look.now;
        let too_many = alerts.len() > ALERTS_PER_RULE_MAX;
        let mut seen = BTreeSet::new();
        let mut same = None;
        for alert in alerts.into_iter().take(ALERTS_PER_RULE_MAX) {
            if !seen.insert(alert.id.clone()) {
                same = Some(alert.labels.to_string());
                continue;
            }
            let active =
                self.active.entry(alert.id.clone()).or_insert_with(|| Active::new(now, alert.clone()));
            self.transitions.extend(active.hold(now, rule, alert, |labels| (look.evidence)(rule, labels)));
        }
        for active in self.active.values_mut() {
            if active.is_of(rule) && !seen.contains(&active.alert.id) {
                self.transitions.extend(active.miss(now, rule));
            }
        }
        self.active.retain(|_, active| !active.is_over());
        match same {
            _ if too_many => Err(format!("more than {ALERTS_PER_RULE_MAX} alerts; the rest is left out")),
            Some(labels) => Err(format!("two alerts have the labels {labels}; one is left out")),
            None => Ok(()),
        }
    }
}
