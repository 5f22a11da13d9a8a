//! `hostward metrics --explain NAME`: where a metric comes from, what it costs and who reads it.

use super::output::items;
use super::{Common, Failure, Found, Outcome, output, survey};
use crate::run::{Options, take};
use crate::sampler::{OWN, SPEC, Sampled};
use crate::visible::visible;
use crate::{auditing, content, plugin};
use hostward_engine::rules::{Rule, RuleSet};
use hostward_model::{Metric, Sample};
use hostward_probes::{PROBES, Spec};
use serde_json::{Value, json};
use std::path::Path;

/// What one look at the host shows of a metric.
#[derive(Default)]
struct Seen {
    series: usize,
    /// Processor time of the run of its probe, and how many series it yielded.
    probe_cpu_us: Option<f64>,
    probe_series: usize,
}

/// Explains the metric of that name.
pub fn act(common: &Common, root: &Path, name: &str) -> Outcome {
    let (spec, metric) = source(name).ok_or_else(|| {
        Failure::Usage(format!(
            "no probe yields {name:?}; hostward probes show NAME lists what a probe yields"
        ))
    })?;
    let seen = look(common, root, spec, name)?;
    let value = json!({
        "name": name,
        "type": metric.kind.as_str(),
        "help": metric.help,
        "unit": metric.unit(),
        "labels": metric.labels,
        "grows": metric.grows(metric.fill_of(name)),
        "mattersFrom": metric.matters_from,
        "probe": spec.name,
        "about": spec.about,
        "reads": spec.reads,
        "doc": spec.doc,
        "series": seen.series,
        "probeSeries": seen.probe_series,
        "probeCpuMicroseconds": seen.probe_cpu_us.map(f64::round),
        "readBy": readers(common, name),
    });
    output::either(common.format, &value, text);
    Ok(Found::Well)
}

fn source(name: &str) -> Option<(&'static Spec, &'static Metric)> {
    let metric = |spec: &'static Spec| spec.metrics.iter().copied().find(|metric| metric.can_be(name));
    PROBES
        .iter()
        .copied()
        .chain([&SPEC, &plugin::SPEC, &auditing::SPEC])
        .find_map(|spec| Some((spec, metric(spec)?)))
}

fn look(common: &Common, root: &Path, spec: &Spec, name: &str) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    let probe = Some(spec.name).filter(|probe| *probe != OWN);
    let take = |sampled: &Sampled| {
        for reading in sampled.readings.iter().filter(|reading| reading.probe == spec.name) {
            let is_it = |sample: &Sample<'_>| sample.metric.full_name(sample.fill()) == name;
            seen.series = reading.batch.samples().filter(is_it).count();
            seen.probe_series = reading.batch.len();
        }
    };
    let report = survey::look(common, root, probe, 1, take)?;
    let status = report.probes.iter().find(|status| status.probe == spec.name);
    seen.probe_cpu_us = status.map(|status| status.cpu_seconds * 1e6);
    Ok(seen)
}

/// The rules that ask for it, and the dashboards and rules of others that are known to.
fn readers(common: &Common, name: &str) -> Vec<String> {
    let options = Options { config: common.config.clone(), ..Options::default() };
    let rules = take(&options).map(|taken| reading_rules(&taken.rules, name)).unwrap_or_default();
    rules.into_iter().chain(content::readers(name).map(str::to_owned)).collect()
}

fn reading_rules(rules: &RuleSet, name: &str) -> Vec<String> {
    let asks = |rule: &&Rule| rule.expr.selectors().any(|selector| selector.name.as_deref() == Some(name));
    rules.rules().filter(asks).map(|rule| format!("rule {}", rule.name)).collect()
}

fn text(value: &Value) -> String {
    let words = |name: &str| -> String {
        let all = items(value, name).iter().filter_map(Value::as_str);
        all.collect::<Vec<_>>().join(", ")
    };
    let one = |name: &str| value[name].as_str().unwrap_or("").to_owned();
    let cost = match value["probeCpuMicroseconds"].as_f64() {
        Some(us) => format!("{us} µs for the {} series of the probe, in a first run", value["probeSeries"]),
        None => String::new(),
    };
    let per = if value["grows"] == true { " a second" } else { "" };
    let matters = value["mattersFrom"].as_f64().filter(|least| *least > 0.0);
    let rows = [
        ("type", one("type")),
        ("unit", one("unit")),
        (
            "matters",
            matters.map_or(String::new(), |least| format!("from {least}{per} on beside what is usual")),
        ),
        ("labels", words("labels")),
        ("probe", format!("{}: {}", one("probe"), one("about"))),
        ("reads", words("reads")),
        ("see", one("doc")),
        ("series", value["series"].to_string()),
        ("cost", cost),
        ("read by", words("readBy")),
    ];
    let rows = rows.iter().filter(|(_, text)| !text.is_empty());
    let rows: String = rows.map(|(name, text)| format!("  {name:<8}{}\n", visible(text))).collect();
    format!("{}\n  {}\n{rows}", one("name"), one("help"))
}
