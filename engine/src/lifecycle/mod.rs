//! Where an alert is decided: rules in, transitions out.
//!
//! inactive → pending → firing → resolved, as in Prometheus: a condition must hold for the rule's `for`, and an
//! alert goes on firing for `keep_firing_for` after it ended. Durations run on the monotonic clock; the times
//! that people read are on the wall clock.

mod active;
mod budget;
mod evaluate;
mod recorded;
mod shape;
mod unseen;

pub use evaluate::Look;
pub use recorded::{Joined, Recorded};
pub use shape::evidence;

use crate::alert::{Acknowledgement, Alert, Transition};
use crate::counts::Counts;
use crate::promql::source::Source;
use crate::rules::{Group, Rule, RuleSet};
use crate::series::Table;
use crate::view::RuleStatus;
use active::Active;
use budget::Budget;
use hostward_model::Now;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use unseen::Undeclared;

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

    /// Evaluates the groups that are due by `until_ms`, each within `group_ms`.
    pub fn evaluate(&mut self, look: Look<'_>, until_ms: u64, group_ms: u64, counts: &mut Counts) {
        let now = look.now;
        let rules = self.rules.clone();
        for group in &rules.groups {
            let Some(due) = self.due.get_mut(&group_key(group)) else { continue };
            let interval_ms = group.interval_ms.unwrap_or(self.evaluation_ms);
            let Some(mono_ms) = pass_due(due, until_ms, interval_ms) else { continue };
            // As if it were on time: a `for` of three intervals is over after three, not a millisecond too early.
            let look = Look { now: Now { mono_ms, ..now }, ..look };
            self.budget = Budget::new(group_ms);
            for rule in &group.rules {
                match self.budget.refusal() {
                    None => self.evaluate_rule(look, group, rule, counts),
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

    /// Evaluates what is due, however long it takes, for nobody who wants to see evidence: rules are played, not run.
    pub fn play(&mut self, now: Now, host: &dyn Source) {
        let look = Look { now, host, evidence: &|_, _| Vec::new() };
        self.evaluate(look, now.mono_ms, u64::MAX, &mut Counts::default());
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
