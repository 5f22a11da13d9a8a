//! A recorded host before the whole engine: what this version would have said of it, and of which series that was made.

use crate::Outcome;
use crate::calibration::recording::Recording;
use hostward_engine::anomaly::{Incident, Member};
use hostward_engine::{Engine, Input, Settings};
use hostward_formats::exposition::{Format, read};
use hostward_model::time::rfc3339;
use hostward_model::{Batch, Metric, Now};
use hostward_probes::{PROBES, Spec};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of what [`run`] gives.
pub const HEAD: [&str; 10] = [
    "alert at",
    "incident",
    "score, level",
    "probe",
    "series",
    "since",
    "lasted",
    "weight",
    "confidence",
    "value, usual",
];
/// A clock that begins long after the boot.
const BOOTED_MS: i64 = 1 << 40;

/// The probe that a recorded series comes from, and what it said.
struct Source {
    spec: &'static Spec,
    metric: &'static Metric,
    fill: String,
    labels: Vec<String>,
}

/// Takes each second as the agent would; a row for each series of each incident, at the time when it alerts.
pub fn run(recording: &Recording) -> Outcome<Vec<Vec<String>>> {
    let sources = recording.series().map(source).collect::<Outcome<Vec<_>>>()?;
    let mut engine = Engine::new(Settings { interval_ms: 1000, ..Settings::default() });
    let (mut told, mut rows) = (BTreeSet::new(), Vec::new());
    let seconds = recording.seconds();
    let begin_ms = seconds.keys().next().copied().unwrap_or(0);
    for (at_ms, values) in seconds {
        let now = Now::new(at_ms, (BOOTED_MS + at_ms - begin_ms) as u64);
        for (probe, batch) in &batches(&sources, at_ms, &values) {
            engine.handle(now, Input::Batch { probe, batch });
        }
        engine.handle(now, Input::Wake);
        while engine.poll().is_some() {}
        for incident in engine.incidents().filter(|own| own.alerted() && told.insert(own.id)) {
            rows.extend(incident.members.iter().map(|member| row(at_ms, incident, member)));
        }
    }
    let nearest = engine.incidents().map(|own| own.score / own.level).fold(0.0, f64::max);
    eprintln!("the most alarming incident came to {:.0} % of its level", 100.0 * nearest);
    Ok(rows)
}

fn source(series: &str) -> Outcome<Option<Source>> {
    let families =
        read(&format!("{series} 0\n"), Format::Text).map_err(|error| format!("{series}: {error}"))?;
    let sample = families.iter().flat_map(|family| &family.samples).next();
    Ok(sample.and_then(|sample| {
        let declared = PROBES.iter().flat_map(|spec| spec.metrics.iter().map(move |metric| (spec, *metric)));
        let fits = declared.filter(|(_, metric)| metric.can_be(&sample.name));
        // `node_memory_*` is less than a name of its own.
        let (spec, metric) = fits.max_by_key(|(_, metric)| metric.name.len())?;
        let label = |name: &&str| sample.label(name).unwrap_or("").to_owned();
        let labels = metric.labels.iter().map(label).collect();
        Some(Source { spec, metric, fill: metric.fill_of(&sample.name).to_owned(), labels })
    }))
}

/// What each probe that is due says.
fn batches(sources: &[Option<Source>], at_ms: i64, values: &[(usize, f64)]) -> BTreeMap<&'static str, Batch> {
    let mut batches: BTreeMap<_, Batch> = BTreeMap::new();
    for (place, value) in values {
        let Some(own) = &sources[*place] else { continue };
        if at_ms.rem_euclid(own.spec.every_ms.max(1) as i64) < 1000 {
            let labels: Vec<_> = own.labels.iter().map(String::as_str).collect();
            batches.entry(own.spec.name).or_default().push_named(own.metric, &own.fill, &labels, *value);
        }
    }
    batches
}

fn row(at_ms: i64, incident: &Incident, member: &Member) -> Vec<String> {
    let peak = &member.peak;
    vec![
        rfc3339(at_ms),
        incident.id.to_string(),
        format!("{:.1}, {:.1}", incident.score, incident.level),
        member.probe.to_string(),
        member.series.to_string().replace('|', "\\|"),
        rfc3339(member.since_ms),
        format!("{} s{}", member.lasted_ms / 1000, if member.open { "" } else { ", over" }),
        format!("{:.1}", member.weight()),
        format!("{:.5}", peak.confidence),
        format!("{}, {} to {}", peak.value, peak.band.0, peak.band.1),
    ]
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn a_recorded_series_finds_its_probe() {
        let found = |series: &str| {
            let own = source(series).unwrap()?;
            Some(format!("{} {} {:?} {:?}", own.spec.name, own.metric.name, own.fill, own.labels))
        };
        let memory = "meminfo node_memory_*_bytes \"MemFree\" []";
        assert_eq!(found("node_memory_MemFree_bytes{}").as_deref(), Some(memory));
        let steal = "cpu node_cpu_seconds_total \"\" [\"0\", \"steal\"]";
        assert_eq!(found("node_cpu_seconds_total{cpu=\"0\",mode=\"steal\"}").as_deref(), Some(steal));
        assert_eq!(found("nobody_knows_it{}"), None);
        assert!(source("no name {").is_err());
    }
}
