//! How the probes fared, as a value and as samples of the probe `hostward`.

use super::{OWN, Trouble};
use crate::vitals::Vitals;
use crate::{receiver, workflow};
use hostward_model::{Batch, Gap, Metric};
use hostward_probes::Spec;
use std::sync::atomic::Ordering::Relaxed;

/// Gaps that are exported at once; the rest is in the API and in `hostward doctor`.
const GAPS_MAX: usize = 200;

static UP: Metric = Metric::gauge(
    "hostward_probe_up",
    "Whether the last run of a probe went well (1), or why it did not (0).",
    &["probe", "reason"],
);
static CPU: Metric = Metric::counter(
    "hostward_probe_cpu_seconds_total",
    "Processor time that a probe took, its thread's only: not that of programs that it starts.",
    &["probe"],
);
static DURATION: Metric = Metric::gauge(
    "node_scrape_collector_duration_seconds",
    "How long the last finished run of a probe took, under node_exporter's name.",
    &["collector"],
);
static SUCCESS: Metric = Metric::gauge(
    "node_scrape_collector_success",
    "Whether the last run of a probe went well, under node_exporter's name.",
    &["collector"],
);
static UNAVAILABLE: Metric = Metric::gauge(
    "hostward_unavailable_info",
    "Something that a probe looks for and cannot see, why, and what would help.",
    &["probe", "what", "reason", "grant"],
);
static TICKS: Metric = Metric::counter("hostward_ticks_total", "Ticks of the sampler.", &[]);
static MISSED: Metric = Metric::counter(
    "hostward_ticks_missed_total",
    "Ticks that did not take place because hostward did not run in time.",
    &[],
);
static DROPPED: Metric = Metric::counter(
    "hostward_batches_dropped_total",
    "Batches of samples that were thrown away because the engine did not keep up.",
    &[],
);
static REFUSED: Metric = Metric::counter(
    "hostward_series_refused_total",
    "New series that were refused because as many were followed as engine.series_max allows.",
    &[],
);
static RELOAD_OK: Metric = Metric::gauge(
    "hostward_config_last_reload_successful",
    "Whether the configuration on disk is the one that runs.",
    &[],
);
static RELOADED: Metric = Metric::gauge(
    "hostward_config_last_reload_success_timestamp_seconds",
    "When a configuration was last taken.",
    &[],
);
static WRITABLE: Metric = Metric::gauge(
    "hostward_store_writable",
    "Whether the last write to the state directory worked; without it, changes of alerts are not told.",
    &[],
);

/// The sampler as a probe: it yields samples about all others.
pub static SPEC: Spec =
    Spec { name: OWN, about: "how hostward itself and its probes fare", metrics: METRICS, ..Spec::INLINE };

static METRICS: &[&Metric] = &[
    &UP,
    &CPU,
    &DURATION,
    &SUCCESS,
    &UNAVAILABLE,
    &TICKS,
    &MISSED,
    &DROPPED,
    &REFUSED,
    &RELOAD_OK,
    &RELOADED,
    &WRITABLE,
    receiver::METRICS[0],
    receiver::METRICS[1],
    receiver::METRICS[2],
    receiver::METRICS[3],
    receiver::METRICS[4],
    receiver::METRICS[5],
    receiver::METRICS[6],
    workflow::METRICS[0],
    workflow::METRICS[1],
    workflow::METRICS[2],
];

/// How all probes fared.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order in which a tick runs them.
    pub probes: Vec<Status>,
    /// Ticks since the start.
    pub ticks: u64,
    /// Ticks that did not take place.
    pub missed: u64,
}

/// How one probe fared the last time.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Name of the probe.
    pub probe: &'static str,
    /// How often it runs.
    pub every_ms: u64,
    /// When its last run ended or was given up, wall clock; nothing before the first.
    pub at_ms: Option<i64>,
    /// How long its last finished run took.
    pub seconds: Option<f64>,
    /// Processor time of all runs.
    pub cpu_seconds: f64,
    /// What went wrong.
    pub trouble: Option<Trouble>,
    /// What it could not see though it went well.
    pub gaps: Vec<Gap>,
}

impl Status {
    /// Before the first run.
    pub fn new(probe: &'static str, every_ms: u64) -> Self {
        Status {
            probe,
            every_ms,
            at_ms: None,
            seconds: None,
            cpu_seconds: 0.0,
            trouble: None,
            gaps: Vec::new(),
        }
    }

    /// Everything that it could not see: what, why, and what would help.
    pub fn unseen(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let whole = self.trouble.iter().map(|trouble| (trouble.what(), trouble.reason(), trouble.grant()));
        let parts = self.gaps.iter().map(|gap| (gap.what.as_str(), gap.reason.as_str(), gap.grant.as_str()));
        whole.chain(parts)
    }
}

impl Report {
    /// Turns the report and the vitals into samples.
    pub fn fill(&self, vitals: &Vitals, out: &mut Batch) {
        out.clear();
        for status in self.probes.iter().filter(|status| status.at_ms.is_some()) {
            let reason = status.trouble.as_ref().map_or("", Trouble::reason);
            let up = f64::from(u8::from(status.trouble.is_none()));
            out.push(&UP, &[status.probe, reason], up);
            out.push(&SUCCESS, &[status.probe], up);
            out.push(&CPU, &[status.probe], status.cpu_seconds);
            if let Some(seconds) = status.seconds {
                out.push(&DURATION, &[status.probe], seconds);
            }
        }
        for (probe, (what, reason, grant)) in self.unseen().take(GAPS_MAX) {
            out.push(&UNAVAILABLE, &[probe, what, reason, grant], 1.0);
        }
        out.push(&TICKS, &[], self.ticks as f64);
        out.push(&MISSED, &[], self.missed as f64);
        fill_vitals(vitals, out);
    }

    /// Everything that no probe could see, each once.
    pub fn unseen(&self) -> impl Iterator<Item = (&'static str, (&str, &str, &str))> {
        let mut told = std::collections::HashSet::new();
        let all = self.probes.iter().flat_map(|status| status.unseen().map(|unseen| (status.probe, unseen)));
        all.filter(move |unseen| told.insert(*unseen))
    }
}

fn fill_vitals(vitals: &Vitals, out: &mut Batch) {
    let flag = |value: &std::sync::atomic::AtomicBool| f64::from(u8::from(value.load(Relaxed)));
    out.push(&DROPPED, &[], vitals.batches_dropped.load(Relaxed) as f64);
    out.push(&REFUSED, &[], vitals.series_refused.load(Relaxed) as f64);
    out.push(&RELOAD_OK, &[], flag(&vitals.reload_ok));
    out.push(&RELOADED, &[], vitals.reload_success_ms.load(Relaxed) as f64 / 1000.0);
    out.push(&WRITABLE, &[], flag(&vitals.store_writable));
    vitals.tally.fill(out);
    vitals.workflows.fill(out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_model::Now;
    use hostward_probes::Fault;

    fn shown(report: &Report) -> String {
        let mut batch = Batch::new();
        report.fill(&Vitals::new(Now::new(5_000, 0)), &mut batch);
        let line = |sample: hostward_model::Sample<'_>| {
            let labels: Vec<_> = sample.labels().collect();
            format!("{} {labels:?} {}\n", sample.metric.name.trim_start_matches("hostward_"), sample.value)
        };
        batch.samples().map(line).collect()
    }

    #[test]
    fn a_fault_and_a_gap_are_told_and_a_probe_that_has_not_run_is_absent() {
        let fault = Fault::Denied { what: "/proc/x".to_owned(), grant: "be root".to_owned() };
        let gap = Gap { what: "/mnt".to_owned(), reason: "stale".to_owned(), grant: String::new() };
        let mut probes = vec![Status::new("a", 1), Status::new("b", 1), Status::new("c", 1)];
        probes[0].at_ms = Some(1);
        probes[0].trouble = Some(Trouble::Fault(fault));
        probes[1] = Status {
            at_ms: Some(1),
            seconds: Some(0.5),
            cpu_seconds: 0.25,
            gaps: vec![gap.clone(), gap],
            ..Status::new("b", 1)
        };
        expect_test::expect![[r#"
            probe_up ["a", "permission"] 0
            node_scrape_collector_success ["a"] 0
            probe_cpu_seconds_total ["a"] 0
            probe_up ["b", ""] 1
            node_scrape_collector_success ["b"] 1
            probe_cpu_seconds_total ["b"] 0.25
            node_scrape_collector_duration_seconds ["b"] 0.5
            unavailable_info ["a", "/proc/x", "permission", "be root"] 1
            unavailable_info ["b", "/mnt", "stale", ""] 1
            ticks_total [] 2
            ticks_missed_total [] 1
            batches_dropped_total [] 0
            series_refused_total [] 0
            config_last_reload_successful [] 1
            config_last_reload_success_timestamp_seconds [] 5
            store_writable [] 1
            silences ["active"] 0
            silences ["waiting"] 0
        "#]]
        .assert_eq(&shown(&Report { probes, ticks: 2, missed: 1 }));
    }

    #[test]
    fn gaps_are_bounded() {
        let gap = |index: usize| Gap { what: index.to_string(), reason: String::new(), grant: String::new() };
        let status = Status { gaps: (0..500).map(gap).collect(), ..Status::new("a", 1) };
        let report = Report { probes: vec![status], ..Report::default() };
        assert_eq!(shown(&report).matches("unavailable_info").count(), GAPS_MAX);
    }
}
