//! hostward's numbers about itself that no rule needs, through the crate `prometheus`.
//!
//! What rules must see is a sample of the probe `hostward` instead, and so has a history: see
//! [`crate::vitals`].

use hostward_engine::View;
use hostward_model::text::{self, Format};
use hostward_model::{Kind, number};
use prometheus::core::Collector;
use prometheus::proto::{MetricFamily, MetricType};
use prometheus::{Counter, Gauge, IntCounter, IntGauge, Opts, Registry, Result};
use std::time::Duration;

mod history;
mod process;

pub use history::HistoryNumbers;

/// The registry and what the parts of hostward count in it.
pub struct Telemetry {
    registry: Registry,
    scrapes: IntCounter,
    scrape_seconds: Counter,
    connections_dismissed: IntCounter,
    /// Writes to the store that failed.
    pub store_failures: IntCounter,
    /// Attempts to answer an alert that failed or were over a bound.
    pub responses_refused: IntCounter,
    transitions_lost: IntCounter,
    /// The history on disk.
    pub history: HistoryNumbers,
    process: process::Process,
    engine: Engine,
}

/// The engine's counts, taken from the view at each scrape.
struct Engine {
    series: IntGauge,
    history_bytes: IntGauge,
    samples: IntCounter,
    samples_late: IntCounter,
    evaluations: IntCounter,
    evaluation_failures: IntCounter,
    evaluations_skipped: IntCounter,
    transitions: IntCounter,
}

/// Makes metrics in a registry.
struct Make<'a>(&'a Registry);

impl Make<'_> {
    fn kept<M: Collector + Clone + 'static>(&self, metric: M) -> Result<M> {
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    fn int_counter(&self, name: &str, help: &str) -> Result<IntCounter> {
        self.kept(IntCounter::new(name, help)?)
    }

    fn counter(&self, name: &str, help: &str) -> Result<Counter> {
        self.kept(Counter::new(name, help)?)
    }

    fn int_gauge(&self, name: &str, help: &str) -> Result<IntGauge> {
        self.kept(IntGauge::new(name, help)?)
    }

    fn gauge(&self, name: &str, help: &str) -> Result<Gauge> {
        self.kept(Gauge::new(name, help)?)
    }
}

impl Telemetry {
    /// Everything at zero. Fails only when two metrics have the same name.
    pub fn new() -> Result<Self> {
        let registry = Registry::new();
        let make = Make(&registry);
        build(&make)?;
        Ok(Telemetry {
            scrapes: make.int_counter("hostward_scrapes_total", "Scrapes that were answered.")?,
            scrape_seconds: make
                .counter("hostward_scrape_seconds_total", "Time spent on answering scrapes.")?,
            connections_dismissed: make.int_counter(
                "hostward_connections_dismissed_total",
                "Connections to the pages that were closed because others needed their place or memory.",
            )?,
            store_failures: make
                .int_counter("hostward_store_failures_total", "Writes to the state directory that failed.")?,
            responses_refused: make.int_counter(
                "hostward_responses_refused_total",
                "Attempts to answer a firing alert with a script that failed or were over a bound.",
            )?,
            transitions_lost: make.int_counter(
                "hostward_transitions_lost_total",
                "Changes of alerts that could neither be written nor kept waiting.",
            )?,
            history: HistoryNumbers::registered(&make)?,
            process: process::Process::new(&make)?,
            engine: Engine::new(&make)?,
            registry,
        })
    }

    /// A scrape was answered.
    pub fn scraped(&self, took: Duration) {
        self.scrapes.inc();
        self.scrape_seconds.inc_by(took.as_secs_f64());
    }

    /// How many connections were dismissed by now.
    pub fn set_connections_dismissed(&self, count: u64) {
        raise(&self.connections_dismissed, count);
    }

    /// How many transitions are lost by now.
    pub fn set_transitions_lost(&self, count: u64) {
        raise(&self.transitions_lost, count);
    }

    /// Appends everything.
    pub fn write(&self, out: &mut String, format: Format, view: Option<&View>) {
        self.process.refresh();
        if let Some(view) = view {
            self.engine.refresh(view);
        }
        self.registry.gather().iter().for_each(|family| write_family(out, format, family));
    }
}

impl Engine {
    fn new(make: &Make<'_>) -> Result<Self> {
        Ok(Engine {
            series: make.int_gauge("hostward_engine_series", "Series that live now.")?,
            history_bytes: make
                .int_gauge("hostward_engine_history_bytes", "Memory held by the history of samples.")?,
            samples: make.int_counter("hostward_engine_samples_total", "Samples taken in.")?,
            samples_late: make.int_counter(
                "hostward_engine_samples_late_total",
                "Samples that were refused because their time had passed.",
            )?,
            evaluations: make.int_counter("hostward_engine_evaluations_total", "Evaluations of rules.")?,
            evaluation_failures: make.int_counter(
                "hostward_engine_evaluation_failures_total",
                "Evaluations of rules that failed.",
            )?,
            evaluations_skipped: make.int_counter(
                "hostward_engine_evaluations_skipped_total",
                "Evaluations of rules that were left out because others had used up the budget of their group.",
            )?,
            transitions: make.int_counter("hostward_engine_transitions_total", "Changes of alerts.")?,
        })
    }

    fn refresh(&self, view: &View) {
        let counts = &view.counts;
        self.series.set(counts.series as i64);
        self.history_bytes.set(counts.history_bytes as i64);
        raise(&self.samples, counts.samples);
        raise(&self.samples_late, counts.samples_late);
        raise(&self.evaluations, counts.evaluations);
        raise(&self.evaluation_failures, counts.evaluation_failures);
        raise(&self.evaluations_skipped, view.evaluations_skipped);
        raise(&self.transitions, counts.transitions);
    }
}

fn build(make: &Make<'_>) -> Result<()> {
    let info = Opts::new("hostward_build_info", "What was built, always 1.")
        .const_label("version", env!("CARGO_PKG_VERSION"))
        .const_label("revision", option_env!("HOSTWARD_REVISION").unwrap_or(""));
    make.kept(IntGauge::with_opts(info)?)?.set(1);
    let help =
        "hostward's version under node_exporter's name, because dashboards list hosts by it; always 1.";
    let info = Opts::new("node_exporter_build_info", help).const_label("version", env!("CARGO_PKG_VERSION"));
    make.kept(IntGauge::with_opts(info)?)?.set(1);
    Ok(())
}

fn raise(counter: &IntCounter, count: u64) {
    counter.inc_by(count.saturating_sub(counter.get()));
}

fn write_family(out: &mut String, format: Format, family: &MetricFamily) {
    let kind = match family.get_field_type() {
        MetricType::COUNTER => Kind::Counter,
        _ => Kind::Gauge,
    };
    text::write_head(out, format, family.name(), kind, family.help());
    for metric in family.get_metric() {
        let labels = metric.get_label().iter().map(|pair| (pair.name(), pair.value()));
        text::write_series(out, family.name(), labels.filter(|(_, value)| !value.is_empty()));
        out.push(' ');
        let value = match kind {
            Kind::Counter => metric.get_counter().get_value(),
            _ => metric.get_gauge().get_value(),
        };
        number::write(out, value);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_help_and_a_value() {
        let (mut out, telemetry) = (String::new(), Telemetry::new().unwrap());
        telemetry.scraped(Duration::from_millis(500));
        let mut view = View::default();
        view.counts.samples = 7;
        telemetry.write(&mut out, Format::Text, Some(&view));
        let version = env!("CARGO_PKG_VERSION");
        for line in [
            "hostward_scrapes_total 1",
            "hostward_scrape_seconds_total 0.5",
            "hostward_engine_samples_total 7",
        ] {
            assert!(out.lines().any(|own| own == line), "{line} is not in\n{out}");
        }
        assert!(
            out.contains(&format!("hostward_build_info{{version=\"{version}\"")) || out.contains("revision=")
        );
        let families = out.lines().filter(|line| line.starts_with("# HELP")).count();
        assert_eq!(families, out.lines().filter(|line| !line.starts_with('#')).count());
    }
}
