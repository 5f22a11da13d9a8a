//! Where an alert is decided: rules in, transitions out.
//!
//! inactive → pending → firing → resolved, as in Prometheus: a condition must hold for the rule's `for`, and an
//! alert goes on firing for `keep_firing_for` after it ended. Durations run on the monotonic clock; the times
//! that people read are on the wall clock.

mod active;
mod budget;
mod recorded;
mod shape;
mod unseen;

pub use recorded::{Joined, Recorded};
pub use shape::evidence;

use crate::alert::{Acknowledgement, Alert, Evidence, Transition};
use crate::counts::Counts;
use crate::labels::Labels;
use crate::promql::Value;
use crate::promql::source::{Selector, Source};
use crate::rules::{Around, Group, Rule, RuleKind, RuleSet};
use crate::series::Table;
use crate::view::RuleStatus;
use active::Active;
use budget::Budget;
use hostward_model::Now;
use serde::{Deserialize, Serialize};
use shape::{agree, as_series, describe};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use unseen::Undeclared;

/// One rule may have so many alerts at once; more is an error of the rule.
const ALERTS_PER_RULE_MAX: usize = 200;
/// How long a resolved alert is still shown.
const RESOLVED_MS: u64 = 15 * 60_000;

/// All alerts, and when each rule group is due.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lifecycle {
    active: BTreeMap<String, Active>,
    due: BTreeMap<GroupKey, u64>,
    errors: BTreeMap<RuleKey, String>,
    evaluation_ms: u64,
    #[serde(skip)]
    rules: Arc<RuleSet>,
    /// What recording rules gave, and the alerts as series.
    #[serde(skip)]
    recorded: Recorded,
    /// Of the group that is being evaluated.
    #[serde(skip)]
    budget: Budget,
    #[serde(skip)]
    undeclared: Undeclared,
    #[serde(skip)]
    transitions: Vec<Transition>,
}

/// File and name.
type GroupKey = (String, String);
/// Finds what stands beside an alert of a rule with certain labels.
pub type Witness<'a> = &'a dyn Fn(&Rule, &Labels) -> Vec<Evidence>;
/// Name and expression: a rule whose expression changes is another rule.
type RuleKey = (String, String);

impl Lifecycle {
    /// Judges by other rules from now on; alerts that no rule speaks of any more resolve.
    pub fn set_rules(&mut self, now: Now, rules: Arc<RuleSet>, evaluation_ms: u64) {
        self.recorded.keep(rules.rules().map(|rule| rule.expr.window_ms()).max().unwrap_or(0));
        self.undeclared = Undeclared::of(&rules);
        self.rules = rules;
        self.evaluation_ms = evaluation_ms;
        let known = std::mem::take(&mut self.due);
        for group in &self.rules.groups {
            let latest = now.mono_ms + group.interval_ms.unwrap_or(evaluation_ms);
            let due = known.get(&group_key(group)).map_or(now.mono_ms, |due| (*due).min(latest));
            self.due.insert(group_key(group), due);
        }
        let kept: BTreeSet<RuleKey> =
            self.rules.groups.iter().flat_map(|group| &group.rules).map(rule_key).collect();
        self.errors.retain(|key, _| kept.contains(key));
        for active in self.active.values_mut().filter(|active| !kept.contains(&active.rule_key())) {
            self.transitions.extend(active.end(now, "rule removed"));
        }
        self.active.retain(|_, active| !active.is_over());
    }

    /// Takes up alerts as they were written down before a restart.
    pub fn resume(&mut self, now: Now, alerts: Vec<Alert>) {
        let resumed = alerts.into_iter().map(|alert| (alert.id.clone(), Active::resumed(now, alert)));
        self.active = resumed.collect();
    }

    /// Notes that somebody has seen an alert; one that is not open is left alone.
    pub fn acknowledge(&mut self, acknowledgement: Acknowledgement) {
        if let Some(active) = self.active.get_mut(&acknowledgement.alert) {
            self.transitions.extend(active.acknowledge(acknowledgement));
        }
    }

    /// Evaluates the groups that are due by `until_ms`, each within `group_ms`; `evidence` finds what stands beside an
    /// alert.
    pub fn evaluate(
        &mut self,
        now: Now,
        until_ms: u64,
        group_ms: u64,
        host: &dyn Source,
        evidence: Witness<'_>,
        counts: &mut Counts,
    ) {
        let rules = self.rules.clone();
        for group in &rules.groups {
            let Some(due) = self.due.get_mut(&group_key(group)) else { continue };
            let interval_ms = group.interval_ms.unwrap_or(self.evaluation_ms);
            let Some(mono_ms) = pass_due(due, until_ms, interval_ms) else { continue };
            // As if it were on time: a `for` of three intervals is over after three, not a millisecond too early.
            let now = Now { mono_ms, ..now };
            self.budget = Budget::new(group_ms);
            for rule in &group.rules {
                match self.budget.refusal() {
                    None => self.evaluate_rule(now, group, rule, host, evidence, counts),
                    Some(reason) => {
                        self.recorded.skipped += 1;
                        self.errors.insert(rule_key(rule), reason);
                    }
                }
            }
        }
        self.transitions.extend(self.active.values_mut().filter_map(|active| active.rearm(now)));
        self.active.retain(|_, active| !active.is_forgotten(now, RESOLVED_MS));
        self.recorded.trim(now.wall_ms);
    }

    /// Takes up what rules had recorded.
    pub fn set_recorded(&mut self, recorded: Recorded) {
        self.recorded = recorded;
    }

    /// What rules have recorded.
    pub fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// Remembers what rules record for at least so long.
    pub fn keep_recorded(&mut self, keep_ms: i64, points_max: usize) {
        self.recorded.keep_more(keep_ms, points_max);
    }

    /// Lets the groups that are due by `until_ms` pass without a look.
    pub fn skip(&mut self, until_ms: u64) {
        for group in &self.rules.groups {
            if let Some(due) = self.due.get_mut(&group_key(group)) {
                pass_due(due, until_ms, group.interval_ms.unwrap_or(self.evaluation_ms));
            }
        }
    }

    /// Nobody looked for a while: until a rule's window has filled again, its silence means nothing.
    pub fn pardon(&mut self, now: Now) {
        self.active.values_mut().for_each(|active| active.pardon(now));
    }

    /// Moves monotonic times to another boot's clock.
    pub fn rebase(&mut self, by_ms: i64) {
        self.due.values_mut().for_each(|due| *due = due.saturating_add_signed(by_ms));
        self.active.values_mut().for_each(|active| active.rebase(by_ms));
    }

    fn evaluate_rule(
        &mut self,
        now: Now,
        group: &Group,
        rule: &Rule,
        host: &dyn Source,
        evidence: Witness<'_>,
        counts: &mut Counts,
    ) {
        counts.evaluations += 1;
        let at_ms = now.wall_ms - i64::try_from(group.query_offset_ms).unwrap_or(0);
        let outcome = match (self.results(group, rule, host, at_ms), rule.kind) {
            (Ok(results), RuleKind::Record) => self.record(rule, results, at_ms),
            (Ok(results), RuleKind::Alert) => self.alert(now, rule, results, host, at_ms, evidence),
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
        now: Now,
        rule: &Rule,
        results: Vec<(Labels, f64)>,
        host: &dyn Source,
        at_ms: i64,
        evidence: Witness<'_>,
    ) -> Result<(), String> {
        let seen = {
            let source = Joined { host, recorded: &self.recorded };
            let external_labels = Some(&self.rules.external_labels);
            let around = Around { external_labels, source: Some(&source), at_ms };
            let described = results.into_iter().take(ALERTS_PER_RULE_MAX + 1);
            described.map(|(labels, value)| describe(rule, labels, value, now, around)).collect::<Vec<_>>()
        };
        self.settle(now, rule, host, at_ms);
        let outcome = self.apply(now, rule, seen, evidence);
        let states = self.active.values().filter(|active| active.is_of(rule));
        let samples: Vec<_> = states.flat_map(|active| as_series(&active.alert)).collect();
        outcome.and(self.recorded.take(rule, samples, at_ms))
    }

    /// Alerts from before a restart wait until their series are heard of.
    fn settle(&mut self, now: Now, rule: &Rule, host: &dyn Source, at_ms: i64) {
        let source = Joined { host, recorded: &self.recorded };
        for active in self.active.values_mut().filter(|active| active.is_of(rule)) {
            active.settle(now, rule, |labels, ago_ms| {
                let heard = |own: &Selector| {
                    source.instant(own, at_ms, ago_ms).iter().any(|(known, _)| agree(labels, known))
                };
                rule.expr.selectors().all(heard)
            });
        }
    }

    fn apply(
        &mut self,
        now: Now,
        rule: &Rule,
        alerts: Vec<Alert>,
        evidence: Witness<'_>,
    ) -> Result<(), String> {
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
            self.transitions.extend(active.hold(now, rule, alert, |labels| evidence(rule, labels)));
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

    /// When the next group is due.
    pub fn deadline(&self) -> Option<u64> {
        self.due.values().copied().min()
    }

    /// Changes since the last call.
    pub fn take_transitions(&mut self) -> impl ExactSizeIterator<Item = Transition> {
        std::mem::take(&mut self.transitions).into_iter()
    }

    /// Alerts that are open, and those that resolved lately.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.active.values().map(|active| &active.alert)
    }

    /// What was wrong with a rule when it was last due.
    fn error(&self, rule: &Rule) -> &str {
        if self.errors.is_empty() { "" } else { self.errors.get(&rule_key(rule)).map_or("", String::as_str) }
    }

    /// The rules that failed when they were last due, and how.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &str)> {
        let errors = self.rules.rules().map(|rule| (rule.name.as_str(), self.error(rule)));
        errors.filter(|(_, error)| !error.is_empty())
    }

    /// How each rule fares.
    pub fn statuses(&self, table: &Table) -> Vec<RuleStatus> {
        let unseen = |rule: &Rule| match self.undeclared.is_empty() {
            true => Vec::new(),
            false => self.undeclared.unseen(&rule_key(rule), table),
        };
        let status = |group: &Group, rule: &Rule| RuleStatus {
            group: group.name.clone(),
            name: rule.name.clone(),
            error: self.error(rule).to_owned(),
            unseen: unseen(rule),
        };
        self.rules
            .groups
            .iter()
            .flat_map(|group| group.rules.iter().map(move |rule| status(group, rule)))
            .collect()
    }
}

/// When a group was due, if it is; the next time is set. Evaluations that were missed are not made up for.
fn pass_due(due: &mut u64, until_ms: u64, interval_ms: u64) -> Option<u64> {
    let (late, interval_ms) = (until_ms.checked_sub(*due)?, interval_ms.max(1));
    let last = *due + late / interval_ms * interval_ms;
    *due = last + interval_ms;
    Some(last)
}

fn group_key(group: &Group) -> GroupKey {
    (group.file.clone(), group.name.clone())
}

fn rule_key(rule: &Rule) -> RuleKey {
    (rule.name.clone(), rule.expr.text().to_owned())
}
