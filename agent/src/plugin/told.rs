//! What hostward says of its plugins, as samples.

use super::status::{Standing, Status};
use hostward_engine::own::PLUGINS;
use hostward_model::{Batch, Metric};
use hostward_probes::Spec;

static UP: Metric = Metric::gauge(
    "hostward_plugin_up",
    "Whether the last reading of a plugin was good (1), or why it was not (0).",
    &["plugin", "reason"],
);
static STATE: Metric = Metric::gauge(
    "hostward_plugin_state",
    "What a plugin is doing: starting, ok, failing, quarantined, refused, disabled or shadowed; always 1.",
    &["plugin", "state"],
);
static DURATION: Metric = Metric::gauge(
    "hostward_plugin_duration_seconds",
    "How long the last reading of a plugin took.",
    &["plugin"],
);
static CPU: Metric = Metric::counter(
    "hostward_plugin_cpu_seconds_total",
    "Processor time that a plugin took, that of children that it waited for included.",
    &["plugin"],
);
static RSS: Metric = Metric::gauge(
    "hostward_plugin_rss_peak_bytes",
    "Most memory that the first process of a plugin was seen with.",
    &["plugin"],
);
static SAMPLES: Metric =
    Metric::gauge("hostward_plugin_samples", "Samples of the last reading of a plugin.", &["plugin"]);
static DROPPED: Metric = Metric::gauge(
    "hostward_plugin_samples_dropped",
    "Samples of the last reading that were left out because a plugin may have so many series only.",
    &["plugin"],
);
static REJECTED: Metric = Metric::counter(
    "hostward_plugin_rejected_lines_total",
    "Lines of a plugin that were not understood, and names that it may not use; hostward plugin list says which.",
    &["plugin"],
);
static RUNS: Metric = Metric::counter("hostward_plugin_runs_total", "Readings of a plugin.", &["plugin"]);
static FAILURES: Metric =
    Metric::counter("hostward_plugin_failures_total", "Readings of a plugin that failed.", &["plugin"]);
static RESTARTS: Metric = Metric::counter(
    "hostward_plugin_restarts_total",
    "How often a plugin that stays was started again.",
    &["plugin"],
);
static LEFT: Metric = Metric::counter(
    "hostward_plugin_processes_left_total",
    "Processes that a plugin left behind, and that were ended.",
    &["plugin"],
);
static SERVICE: Metric = Metric::gauge(
    "hostward_plugin_service_state",
    "What a plugin judges a service to be: 0 is OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.",
    &["plugin", "service"],
);

/// The plugins as a probe: it yields samples about all of them.
pub static SPEC: Spec =
    Spec { name: PLUGINS, about: "how plugins fare, and what they judge", metrics: METRICS, ..Spec::INLINE };

static METRICS: &[&Metric] = &[
    &UP, &STATE, &DURATION, &CPU, &RSS, &SAMPLES, &DROPPED, &REJECTED, &RUNS, &FAILURES, &RESTARTS, &LEFT,
    &SERVICE,
];

/// Turns how they fare into samples.
pub fn fill<'a>(all: impl Iterator<Item = &'a Status>, out: &mut Batch) {
    for own in all {
        let name = own.name.as_str();
        out.push(&STATE, &[name, own.state.as_str()], 1.0);
        if matches!(own.state, Standing::Disabled | Standing::Shadowed | Standing::Starting) {
            continue;
        }
        let word = own.trouble.as_ref().map_or("", |trouble| trouble.word);
        out.push(&UP, &[name, word], f64::from(u8::from(own.trouble.is_none())));
        if own.state == Standing::Refused {
            continue;
        }
        own.seconds.iter().for_each(|seconds| out.push(&DURATION, &[name], *seconds));
        own.rss_peak_bytes.iter().for_each(|bytes| out.push(&RSS, &[name], *bytes as f64));
        let counts = [
            (&CPU, own.cpu_seconds),
            (&SAMPLES, own.samples as f64),
            (&DROPPED, own.dropped as f64),
            (&REJECTED, own.rejected_total as f64),
            (&RUNS, own.runs as f64),
            (&FAILURES, own.failures as f64),
            (&RESTARTS, own.restarts as f64),
            (&LEFT, own.left as f64),
        ];
        counts.iter().for_each(|(metric, value)| out.push(metric, &[name], *value));
        for service in &own.services {
            out.push(&SERVICE, &[name, &service.name], f64::from(service.state as u8));
        }
    }
}
