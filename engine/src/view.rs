//! What everybody outside may read: an immutable picture of the engine at one instant.

use crate::alert::{Alert, Evidence};
use crate::anomaly::Incident;
use crate::counts::Counts;
use crate::labels::{Labels, NAME};
use crate::own::OWN;
use crate::series::{Catalog, Family};
use crate::sight;
use hostward_model::escaping::is_plain;
use hostward_model::text::{self, Format};
use hostward_model::{Kind, Now, number};
use std::sync::Arc;

/// So many rules that fail or wait for a metric are on a page.
const RULES_MAX: usize = 50;

/// The picture.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// When it was taken.
    pub at: Now,
    /// The families and series, shared until the set of series changes.
    pub catalog: Arc<Catalog>,
    /// Latest value by slot; a slot whose series has ended holds nothing.
    pub values: Vec<Option<f64>>,
    /// Alerts that are pending or firing, and those that resolved lately.
    pub alerts: Vec<Alert>,
    /// What is unusual now, the strongest first, bounded.
    pub anomalies: Vec<Anomaly>,
    /// Incidents, the oldest first: those that go on, and a bounded number of those before.
    pub incidents: Vec<Arc<Incident>>,
    /// How each rule fares.
    pub rules: Vec<RuleStatus>,
    /// Rules that were not evaluated because the budget of their group was used up.
    pub evaluations_skipped: u64,
    /// The engine's numbers about itself.
    pub counts: Counts,
}

/// A series that is unusual now.
#[derive(Clone, Debug, PartialEq)]
pub struct Anomaly {
    /// The series beside its baseline.
    pub evidence: Evidence,
    /// Metric name of the series.
    pub metric: String,
    /// Since when, wall clock.
    pub since_ms: i64,
}

/// How a rule fares.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleStatus {
    /// Rule group.
    pub group: String,
    /// Name of the alert.
    pub name: String,
    /// The last evaluation's error; empty when it went well.
    pub error: String,
    /// Metrics that it names and that no probe declares, no rule records and no series has shown so far.
    pub unseen: Vec<String>,
}

impl View {
    /// Appends host metrics, alerts and anomalies; a scrape adds its own telemetry and, for OpenMetrics, `# EOF`.
    pub fn write(&self, out: &mut String, format: Format) {
        self.write_of(out, format, |_| true);
    }

    /// The same, of those probes only that are wanted; alerts and anomalies are of the probe [`OWN`].
    pub fn write_of(&self, out: &mut String, format: Format, wanted: impl Fn(&str) -> bool) {
        let probes: Vec<bool> = self.catalog.probes.iter().map(|probe| wanted(probe)).collect();
        for family in &self.catalog.families {
            self.write_family(out, format, family, &probes);
        }
        if wanted(OWN) {
            self.write_alerts(out, format);
            self.write_anomalies(out, format);
            self.write_incidents(out, format);
            self.write_rules(out, format);
        }
    }

    /// Whether some name on the page needs quotes.
    pub fn is_quoted(&self) -> bool {
        let mut labels = self.alerts.iter().flat_map(|alert| alert.labels.iter());
        self.catalog.is_quoted || labels.any(|(name, _)| !is_plain(name))
    }

    fn write_family(&self, out: &mut String, format: Format, family: &Family, wanted: &[bool]) {
        let Catalog { rows, text, .. } = &*self.catalog;
        let head = if format == Format::OpenMetrics { &family.open_head } else { &family.head };
        let mut head = Some(&text[head.clone()]);
        for row in &rows[family.rows.clone()] {
            let Some(value) = self.values.get(row.slot as usize).copied().flatten() else { continue };
            if !wanted.get(usize::from(row.probe)).is_some_and(|wanted| *wanted) {
                continue;
            }
            out.push_str(head.take().unwrap_or(""));
            out.push_str(&text[row.prefix.clone()]);
            number::write(out, value);
            out.push('\n');
        }
    }

    fn write_alerts(&self, out: &mut String, format: Format) {
        let open = self.alerts.iter().filter(|alert| alert.resolved_ms.is_none());
        for (index, alert) in open.enumerate() {
            if index == 0 {
                let help = "Alerts that are pending or firing on this host.";
                text::write_head(out, format, "hostward_alert_state", Kind::Gauge, help);
            }
            let acknowledged = if alert.acknowledged.is_some() { "true" } else { "false" };
            let own = [("acknowledged", acknowledged), ("state", alert.state.as_str())];
            let labels = alert.labels.iter().map(|(name, value)| (exported(name), value));
            text::write_series(out, "hostward_alert_state", labels.chain(own));
            out.push_str(" 1\n");
        }
    }

    fn write_anomalies(&self, out: &mut String, format: Format) {
        let help = "Confidence, from 0 to 1, that a series is unusual now; bounded, the strongest stay.";
        let sample = |own: &Anomaly| {
            let labels = [(NAME, sight::ANOMALY), ("metric", &own.metric), ("series", &own.evidence.series)];
            (Labels::new(labels), own.evidence.confidence.unwrap_or(0.0))
        };
        write_made(out, format, help, self.anomalies.iter().map(sample));
    }

    fn write_rules(&self, out: &mut String, format: Format) {
        let help =
            "Rules whose last evaluation failed or was skipped; hostward rules list has the reason. Bounded.";
        let failing = self.rules.iter().filter(|rule| !rule.error.is_empty());
        let sample = |rule: &RuleStatus| {
            let labels = [(NAME, "hostward_rule_failing"), ("group", &rule.group), ("name", &rule.name)];
            (Labels::new(labels), 1.0)
        };
        write_made(out, format, help, failing.map(sample).take(RULES_MAX));
        let help =
            "Metrics that rules name and that no probe declares and no series has shown so far. Bounded.";
        let unseen = self.rules.iter().flat_map(|rule| rule.unseen.iter().map(move |metric| (rule, metric)));
        let sample = |(rule, metric): (&RuleStatus, &String)| {
            let own = [(NAME, "hostward_rule_metric_unseen"), ("metric", metric)];
            (Labels::new(own.into_iter().chain([("group", &*rule.group), ("name", &*rule.name)])), 1.0)
        };
        write_made(out, format, help, unseen.map(sample).take(RULES_MAX));
    }

    fn write_incidents(&self, out: &mut String, format: Format) {
        let open = || self.incidents.iter().filter(|own| own.open);
        let help = "Incidents that go on and were over the level, with what was taken for the cause, by their score.";
        write_made(out, format, help, open().filter_map(|own| sight::alert(own)));
        let help = "How alarming each incident is that goes on: see hostward_incident_alert_level.";
        write_made(out, format, help, open().map(|own| sight::score(own)));
    }
}

/// A family whose samples the engine makes for each page.
fn write_made(out: &mut String, format: Format, help: &str, samples: impl Iterator<Item = (Labels, f64)>) {
    for (index, (labels, value)) in samples.enumerate() {
        if index == 0 {
            text::write_head(out, format, labels.name(), Kind::Gauge, help);
        }
        text::write_series(out, labels.name(), labels.iter().filter(|(name, _)| *name != NAME));
        out.push(' ');
        number::write(out, value);
        out.push('\n');
    }
}

/// An alert's own label that has a name we need, as Prometheus renames it when it scrapes.
fn exported(name: &str) -> &str {
    match name {
        "acknowledged" => "exported_acknowledged",
        "state" => "exported_state",
        name => name,
    }
}
