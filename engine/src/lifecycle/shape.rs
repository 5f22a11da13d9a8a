//! What an alert is made of: the labels and words of a result, the series it is told as, and what stands beside it.

use crate::alert::{Alert, Evidence, State};
use crate::labels::{Labels, NAME};
use crate::rules::{Around, Rule};
use crate::sight::Sight;
use hostward_model::Now;
use std::collections::BTreeSet;

/// How many series stand beside an alert as evidence.
const EVIDENCE_MAX: usize = 8;

/// An alert for a result of the rule; nothing is decided about it yet.
pub fn describe(rule: &Rule, result: Labels, value: f64, now: Now, around: Around<'_>) -> Alert {
    let annotations = rule.annotations_for(&result, value, around);
    let labels = rule.labels_for(&result, value, around);
    Alert {
        id: format!("{:016x}", labels.fingerprint() ^ salt(rule)),
        name: rule.name.clone(),
        labels,
        annotations,
        expr: rule.expr.text().to_owned(),
        state: State::Inactive,
        value,
        active_ms: now.wall_ms,
        fired_ms: None,
        resolved_ms: None,
        acknowledged: None,
        evidence: Vec::new(),
    }
}

/// Tells the alerts of rules apart that have the same name and labels.
fn salt(rule: &Rule) -> u64 {
    if rule.has_twin { Labels::new([("expr", rule.expr.text())]).fingerprint() } else { 0 }
}

/// An open alert as the two series that Prometheus writes for it.
pub fn as_series(alert: &Alert) -> Vec<(Labels, f64)> {
    let state = match alert.state {
        State::Pending => "pending",
        State::Firing => "firing",
        State::Inactive | State::Resolved => return Vec::new(),
    };
    let named = |name: &str| {
        let mut labels = alert.labels.clone();
        labels.set(NAME, name);
        labels
    };
    let mut alerts = named("ALERTS");
    alerts.set("alertstate", state);
    vec![(alerts, 1.0), (named("ALERTS_FOR_STATE"), (alert.active_ms / 1000) as f64)]
}

/// Whether a series may stand behind an alert: where both have a label, it is the same.
pub fn agree(alert: &Labels, series: &Labels) -> bool {
    alert.iter().all(|(name, value)| [value, ""].contains(&series.get(name)) || name == "alertname")
}

/// The series that the rule looks at, as far as they agree with the alert's labels.
pub fn evidence(rule: &Rule, labels: &Labels, sight: Sight<'_>, now: Now) -> Vec<Evidence> {
    let slots: Vec<u32> =
        rule.expr.selectors().flat_map(|selector| sight.table.select(selector).to_vec()).collect();
    let mut found: Vec<Evidence> = sight
        .table
        .all_of(&slots)
        .filter(|series| agree(labels, &series.labels))
        .filter_map(|series| series.evidence_now(now.wall_ms))
        .chain(sight.evidence(labels.get("incident")))
        .collect();
    let mut known = BTreeSet::new();
    found.retain(|evidence| known.insert(evidence.series.clone()));
    found.sort_by(|a, b| b.confidence.unwrap_or(0.0).total_cmp(&a.confidence.unwrap_or(0.0)));
    found.truncate(EVIDENCE_MAX);
    found
}
