//! `hostward metrics`: what a scrape would show, without a daemon.

use super::{Common, Failure, Found, Outcome, metric, output, survey};
use crate::run::unseen_lines;
use crate::sampler::{OWN, Sampled};
use crate::visible::visible;
use clap::Args;
use hostward_engine::{Engine, Input, Settings};
use hostward_model::text::Format;
use hostward_probes::PROBES;
use std::path::PathBuf;

/// What `metrics` takes.
#[derive(Args)]
pub struct Metrics {
    /// Run this probe only.
    #[arg(long, value_name = "NAME")]
    probe: Option<String>,
    /// Look at the host whose files lie there.
    #[arg(long, value_name = "DIR", default_value = "/", value_parser = super::directory)]
    root: PathBuf,
    /// Say where a metric comes from, what it costs and who reads it.
    #[arg(long, value_name = "METRIC", conflicts_with = "probe")]
    explain: Option<String>,
}

/// Samples twice, because some probes need two looks to see anything, and prints the second.
pub fn act(common: &Common, own: &Metrics) -> Outcome {
    if let Some(name) = &own.explain {
        return metric::act(common, &own.root, name);
    }
    if let Some(name) = &own.probe
        && !PROBES.iter().any(|spec| spec.name == name)
    {
        return Err(Failure::Usage(format!("there is no probe {name:?}; see hostward probes list")));
    }
    let mut engine = Engine::new(Settings::default());
    let take = |sampled: &Sampled| {
        // Asked for one probe, how they all fare is of no interest.
        for reading in sampled.readings.iter().filter(|reading| own.probe.is_none() || reading.probe != OWN) {
            engine.handle(sampled.at, Input::Batch { probe: reading.probe, batch: &reading.batch });
        }
    };
    let report = survey::look(common, &own.root, own.probe.as_deref(), 2, take)?;
    let mut text = String::new();
    engine.view().write(&mut text, Format::Text);
    output::data(&text);
    unseen_lines(&report).iter().for_each(|line| output::message(&format!("cannot see {}", visible(line))));
    Ok(Found::Well)
}
