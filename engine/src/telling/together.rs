//! What an alert belongs together with: the incident and the other alerts that overlap with it in time and share a
//! cause, and which of all that is the likeliest to be the first cause.

use crate::alert::Alert;
use crate::anomaly::Incident;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// An alert with a `for` fires long after what led to it began, and may begin a little before.
const SLACK_MS: i64 = 5 * 60_000;
/// Alerts that are named; more are left out.
const ALERTS_MAX: usize = 20;

/// What an alert belongs together with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Company {
    /// Anomalies at the same time, its own series among them.
    pub incident: Option<Arc<Incident>>,
    /// Ids of other alerts, the earliest first.
    pub alerts: Vec<String>,
    /// What is likely to have been first: a series, or an alert's name with its labels; and since when.
    pub first: Option<(String, i64)>,
}

/// Looks for what an alert belongs together with.
pub fn company(alert: &Alert, alerts: &[Alert], incidents: &[Arc<Incident>]) -> Company {
    let incident = incidents.iter().rev().find(|own| concerns(own, &members(own), alert)).cloned();
    let members = incident.as_deref().map(members).unwrap_or_default();
    let is_with = |other: &&Alert| {
        let by_incident = || incident.as_ref().is_some_and(|own| concerns(own, &members, other));
        other.id != alert.id
            && overlap(&span(alert), &span(other))
            && (shares_series(alert, other) || by_incident())
    };
    let mut with: Vec<&Alert> = alerts.iter().filter(is_with).collect();
    with.sort_by_key(|own| own.active_ms);
    with.truncate(ALERTS_MAX);
    let first = first(alert, &with, incident.as_deref());
    Company { incident, alerts: with.iter().map(|own| own.id.clone()).collect(), first }
}

/// The series that the incident blames most, if it moved before the alert; else the alert that held first.
fn first(alert: &Alert, with: &[&Alert], incident: Option<&Incident>) -> Option<(String, i64)> {
    let series = incident.and_then(Incident::first).map(|own| (own.series.to_string(), own.onset_ms));
    let earlier = with.first().filter(|own| own.active_ms < alert.active_ms);
    let earlier = earlier.map(|own| (own.labels.to_string(), own.active_ms));
    series.filter(|(_, onset_ms)| *onset_ms <= alert.active_ms + SLACK_MS).or(earlier)
}

/// Whether an incident is about what an alert is about, at the same time.
fn concerns(incident: &Incident, members: &BTreeSet<String>, alert: &Alert) -> bool {
    let end_ms = if incident.open { i64::MAX } else { incident.last_ms };
    overlap(&(incident.since_ms - SLACK_MS..=end_ms), &span(alert))
        && (alert.labels.get("incident") == incident.id.to_string()
            || alert.evidence.iter().any(|own| members.contains(&own.series)))
}

fn members(incident: &Incident) -> BTreeSet<String> {
    incident.members.iter().map(|own| own.series.to_string()).collect()
}

fn shares_series(a: &Alert, b: &Alert) -> bool {
    a.evidence.iter().any(|own| b.evidence.iter().any(|other| own.series == other.series))
}

fn span(alert: &Alert) -> RangeInclusive<i64> {
    alert.active_ms - SLACK_MS..=alert.resolved_ms.unwrap_or(i64::MAX)
}

fn overlap(a: &RangeInclusive<i64>, b: &RangeInclusive<i64>) -> bool {
    a.start() <= b.end() && b.start() <= a.end()
}
