//! What rules and queries see: the series of the host, and what the engine itself says of them.

use crate::alert::Evidence;
use crate::anomaly::{Incident, Watch};
use crate::labels::{Labels, NAME};
use crate::promql::source::{Point, Selector, Source};
use crate::series::{Series, Table};
use std::sync::Arc;

/// Confidence for what is unusual now, bounded.
pub const ANOMALY: &str = "hostward_anomaly_confidence";
/// The score of each incident that goes on.
pub const SCORE: &str = "hostward_incident_score";
/// The score of each incident that goes on and was over the level; its labels name what was taken for the cause then.
pub const ALERT: &str = "hostward_incident_alert";

/// Series of an incident that stand beside its alert as evidence.
const EVIDENCE_MAX: usize = 8;

/// A look at everything that a rule may speak of.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The series.
    pub table: &'a Table,
    /// The incidents.
    pub watch: &'a Watch,
    /// How many anomalies are told at once.
    pub anomalies_max: usize,
}

impl Source for Sight<'_> {
    fn instant(&self, selector: &Selector, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, Point)> {
        let mut told = match selector.name.as_deref() {
            Some(ANOMALY) => self.anomalies(),
            Some(SCORE) => self.watch.open().map(|own| score(own)).collect(),
            Some(ALERT) => self.watch.open().filter_map(|own| alert(own)).collect(),
            _ => return self.table.instant(selector, at_ms, lookback_ms),
        };
        told.retain(|(labels, _)| selector.matches(labels));
        told.into_iter().map(|(labels, value)| (Arc::new(labels), Point { at_ms, value })).collect()
    }

    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        self.table.range(selector, from_ms, to_ms)
    }

    fn each(
        &self,
        selector: &Selector,
        from_ms: i64,
        to_ms: i64,
        visit: &mut dyn FnMut(&Arc<Labels>, &[Point]),
    ) {
        self.table.each(selector, from_ms, to_ms, visit);
    }
}

impl Sight<'_> {
    /// Whether a selector names what the engine itself says.
    pub fn is_of_engine(&self, selector: &Selector) -> bool {
        selector.name.as_deref().is_some_and(|name| [ANOMALY, SCORE, ALERT].contains(&name))
    }

    /// The series that are unusual now, the surest first, bounded.
    pub fn unusual(&self) -> Vec<&Series> {
        let confidence = |series: &&Series| series.anomaly.as_ref().map_or(0.0, |own| own.peak.confidence);
        let mut unusual: Vec<_> =
            self.table.unusual().iter().filter_map(|slot| self.table.get(*slot)).collect();
        unusual.retain(|series| series.anomaly.is_some());
        unusual.sort_by(|a, b| confidence(b).total_cmp(&confidence(a)).then_with(|| a.labels.cmp(&b.labels)));
        unusual.truncate(self.anomalies_max);
        unusual
    }

    fn anomalies(&self) -> Vec<(Labels, f64)> {
        let told = |series: &Series| {
            let text = series.labels.to_string();
            let labels = [(NAME, ANOMALY), ("metric", series.labels.name()), ("series", text.as_str())];
            Some((Labels::new(labels), series.anomaly.as_ref()?.peak.confidence))
        };
        self.unusual().into_iter().filter_map(told).collect()
    }

    /// What an incident's alert is about: its likeliest causes.
    pub fn evidence(&self, incident: &str) -> Vec<Evidence> {
        let id = incident.parse::<u64>().ok();
        let found = self.watch.incidents().rev().find(|own| Some(own.id) == id);
        let members = found.iter().flat_map(|own| own.members.iter()).take(EVIDENCE_MAX);
        members.map(|own| Evidence::of(own.series.to_string(), own.peak)).collect()
    }
}

/// The sample of [`SCORE`].
pub fn score(incident: &Incident) -> (Labels, f64) {
    let id = incident.id.to_string();
    (Labels::new([(NAME, SCORE), ("incident", id.as_str())]), incident.score)
}

/// The sample of [`ALERT`], if it alerts.
pub fn alert(incident: &Incident) -> Option<(Labels, f64)> {
    let alarm = incident.alerted.as_ref()?;
    let (id, series) = (incident.id.to_string(), alarm.series.to_string());
    let labels = [
        (NAME, ALERT),
        ("incident", id.as_str()),
        ("metric", alarm.series.name()),
        ("probe", &*alarm.probe),
        ("series", series.as_str()),
    ];
    Some((Labels::new(labels), incident.score))
}
