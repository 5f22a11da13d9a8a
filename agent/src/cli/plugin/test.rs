//! `hostward plugin test`: runs a plugin as the daemon would and says all that there is to say of it.

use super::replay;
use crate::cli::{Common, Failure, Found, Outcome, output};
use crate::config::{self, Config};
use crate::plugin::{Trial, Tried, try_out};
use crate::state::Place;
use crate::visible::visible;
use clap::Args;
use hostward_formats::Format;
use hostward_formats::exposition;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// What to test.
#[derive(Args)]
pub struct Test {
    /// The plugin.
    #[arg(required_unless_present = "replay")]
    path: Option<PathBuf>,
    /// How it talks: native, textfile, nagios, checkmk, munin, influx, netdata or collectd; unless said, as its directory, its
    /// sidecar or a comment in it says.
    #[arg(long = "as", value_name = "FORMAT", value_parser = format)]
    plugin_format: Option<Format>,
    /// Keep what the first run printed in this file.
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    record: Option<PathBuf>,
    /// Run nothing, and say what recorded outputs mean: a file, or a directory of them.
    #[arg(long, value_name = "PATH")]
    replay: Option<PathBuf>,
}

fn format(name: &str) -> Result<Format, String> {
    let names = Format::ALL.map(Format::as_str).join(", ");
    Format::from_name(name).ok_or_else(|| format!("the formats are {names}"))
}

/// Tests it.
pub fn act(common: &Common, own: &Test) -> Outcome {
    match (&own.replay, &own.path) {
        (Some(replay), _) => replay::act(common, replay, own.plugin_format),
        (None, Some(path)) => run(common, own, path),
        (None, None) => Err(Failure::Usage("name a plugin, or --replay".to_owned())),
    }
}

fn run(common: &Common, own: &Test, path: &std::path::Path) -> Outcome {
    let config = Config::load(&config::paths(common.config.as_deref()))
        .map_err(|error| Failure::Usage(error.to_string()))?
        .config
        .plugins;
    let place =
        Place::choose(common.state_dir.as_deref()).map_err(|error| Failure::Usage(error.to_string()))?;
    let trial = try_out(path, own.plugin_format, &config, &place.dir).map_err(Failure::Usage)?;
    if let (Some(file), Some(bytes)) = (&own.record, trial.recording()) {
        fs::write(file, bytes).map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?;
    }
    output::either(common.format, &value(&trial), |_| text(&trial));
    Ok(if is_well(&trial) { Found::Well } else { Found::Wrong })
}

fn is_well(trial: &Trial) -> bool {
    let good = |tried: &Tried| {
        tried.reading.trouble.is_none()
            && tried.reading.report.rejected_count == 0
            && tried.refused.is_empty()
    };
    trial.refusal.is_none() && trial.tried.iter().all(good) && trial.is_steady() != Some(false)
}

fn text(trial: &Trial) -> String {
    let plugin = &trial.plugin;
    let mut out = format!(
        "# plugin {} ({}), read each {} s\n",
        plugin.name,
        plugin.format.as_str(),
        plugin.every.as_secs_f64()
    );
    if let Some(first) = trial.tried.first() {
        out += &lines(&first.reading.report.to_string());
    }
    for line in remarks(trial) {
        out += &format!("# {}\n", visible(&line));
    }
    out
}

/// What is of more than one line, with nothing in it that could play with a terminal.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", visible(line))).collect()
}

/// Everything but the samples, a sentence each.
fn remarks(trial: &Trial) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(refusal) = &trial.refusal {
        all.push(format!("would not run: {refusal}"));
    }
    for (at, tried) in trial.tried.iter().enumerate() {
        let cost = tried.reading.cost;
        let memory =
            cost.rss_peak_bytes.map_or("not seen".to_owned(), |bytes| format!("{} KiB", bytes / 1024));
        all.push(format!(
            "run {}: {} samples, {:.3} s, processor {:.3} s, memory {memory}",
            at + 1,
            tried.samples,
            cost.seconds,
            cost.cpu_seconds
        ));
        all.extend(tried.reading.trouble.iter().map(|trouble| format!("run {}: {}", at + 1, trouble.why)));
        all.extend(tried.refused.iter().map(|own| format!("left out: {}", own.reason)));
    }
    all.extend(trial.denied().into_iter().map(|line| format!("denied: {line}")));
    all.extend(trial.is_steady().map(|steady| match steady {
        true => "both runs have the same series".to_owned(),
        false => {
            "the runs differ in their series; each that comes and goes begins to be learnt anew".to_owned()
        }
    }));
    all
}

fn value(trial: &Trial) -> Value {
    let rejected = |own: &hostward_formats::Rejected| json!({ "line": own.line, "reason": own.reason });
    let run = |tried: &Tried| {
        let report = &tried.reading.report;
        json!({
            "reason": tried.reading.trouble.as_ref().map(|trouble| &trouble.why),
            "samples": tried.samples,
            "metrics": exposition::write(&report.families, exposition::Format::Text),
            "rejected": report.rejected.iter().chain(&tried.refused).map(rejected).collect::<Vec<_>>(),
            "rejectedTotal": report.rejected_count + tried.refused.len(),
            "dropped": report.dropped.series,
            "seconds": tried.reading.cost.seconds,
            "cpuSeconds": tried.reading.cost.cpu_seconds,
            "rssPeakBytes": tried.reading.cost.rss_peak_bytes,
            "services": replay::services(report),
        })
    };
    json!({
        "name": trial.plugin.name,
        "format": trial.plugin.format.as_str(),
        "refused": trial.refusal.as_ref().map(ToString::to_string),
        "runs": trial.tried.iter().map(run).collect::<Vec<_>>(),
        "steady": trial.is_steady(),
        "denied": trial.denied(),
    })
}
