//! What the engine says of its own judgement, as samples: they have a history, and rules may speak of them.

use super::{Stage, Watch};
use crate::own::is_own;
use crate::series::Table;
use hostward_model::{Batch, Metric};

static HOST_RATIO: Metric =
    Metric::gauge("hostward_host_anomaly_ratio", "Share of all series that are unusual now.", &[]);
static RATIO: Metric =
    Metric::gauge("hostward_anomaly_ratio", "Share of a probe's series that are unusual now.", &["probe"]);
static OPEN: Metric = Metric::gauge("hostward_incidents_open", "Incidents that go on now.", &[]);
static COUNT: Metric =
    Metric::counter("hostward_incidents_total", "Incidents: anomalies that go together.", &[]);
static ALERTED: Metric = Metric::counter(
    "hostward_incidents_alerted_total",
    "Incidents that were over the level and alerted.",
    &[],
);
static LEVEL: Metric = Metric::gauge(
    "hostward_incident_alert_level",
    "Score from which an incident alerts, so that false alarms stay within anomaly.false_alarms_per_week.",
    &[],
);
static LEFT: Metric = Metric::gauge(
    "hostward_false_alarms_left",
    "Alerts that the budget of false alarms still allows before it asks for more.",
    &[],
);

static STATE: Metric = Metric::gauge(
    "hostward_baseline_state",
    "Series by what is known of them: still learning, their level, the course of their day, or of their week.",
    &["state"],
);

/// The metrics of [`crate::own::JUDGED`].
pub static JUDGED_METRICS: &[&Metric] = &[&HOST_RATIO, &RATIO];
/// The metrics of [`crate::own::KNOWN`].
pub static KNOWN_METRICS: &[&Metric] = &[&STATE, &OPEN, &COUNT, &ALERTED, &LEVEL, &LEFT];

/// Writes the shares: of each probe that yields anything, and of all.
pub fn ratios(table: &Table, out: &mut Batch) {
    out.clear();
    let (mut unusual, mut all) = (0, 0);
    for (index, probe) in table.probes().filter(|(_, probe)| !is_own(&probe.name)) {
        let live = probe.order.len();
        if live == 0 {
            continue;
        }
        let own = table.unusual().iter().filter_map(|slot| table.get(*slot));
        let own = own.filter(|series| series.probe == index).count().min(live);
        out.push(&RATIO, &[&probe.name], own as f64 / live as f64);
        (unusual, all) = (unusual + own, all + live);
    }
    if all > 0 {
        out.push(&HOST_RATIO, &[], unusual as f64 / all as f64);
    }
}

/// Writes how incidents and their budget stand.
pub fn known(watch: &Watch, per_week: f64, stages: [u64; Stage::ALL.len()], out: &mut Batch) {
    out.clear();
    for (stage, count) in Stage::ALL.into_iter().zip(stages) {
        out.push(&STATE, &[stage.word()], count as f64);
    }
    out.push(&OPEN, &[], watch.open().count() as f64);
    out.push(&COUNT, &[], watch.count as f64);
    out.push(&ALERTED, &[], watch.alerted as f64);
    out.push(&LEVEL, &[], watch.budget.level(per_week));
    out.push(&LEFT, &[], watch.budget.left(per_week));
}

impl Stage {
    /// The word in metrics and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Learning => "learning",
            Stage::Level => "level",
            Stage::Day => "day",
            Stage::Week => "week",
        }
    }
}
