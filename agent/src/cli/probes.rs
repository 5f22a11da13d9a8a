//! `hostward probes`: what is looked at, and how that goes.

use super::output::{field, items, table};
use super::{Common, Failure, Found, Outcome, daemon, output};
use crate::{auditing, plugin, sampler};
use clap::Subcommand;
use hostward_model::Metric;
use hostward_probes::{PROBES, Pace, Setting, Spec};
use serde_json::{Value, json};

/// What `probes` can do.
#[derive(Subcommand)]
pub enum Probes {
    /// List all probes; with a daemon, how they fare.
    List,
    /// Show what a probe reads and yields.
    Show {
        /// Name of the probe.
        name: String,
    },
}

/// Lists or shows.
pub fn act(common: &Common, own: &Probes) -> Outcome {
    match own {
        Probes::List => list(common),
        Probes::Show { name } => show(common, name),
    }
    .map(|()| Found::Well)
}

/// The list is compiled in; the daemon, if there is one, adds how each fares.
fn list(common: &Common) -> Result<(), Failure> {
    let running = daemon::get(common, "probes").unwrap_or_default();
    let fares = |name: &str| items(&running, "probes").iter().find(|own| own["probe"] == name);
    let all = PROBES
        .iter()
        .map(|spec| json!({ "name": spec.name, "about": spec.about, "status": fares(spec.name) }));
    let list = json!({ "probes": all.collect::<Vec<_>>() });
    output::either(common.format, &list, |list| {
        let row = |own: &Value| vec![field(own, "name"), state(&own["status"]), field(own, "about")];
        table(&items(list, "probes").iter().map(row).collect::<Vec<_>>())
    });
    Ok(())
}

fn state(status: &Value) -> String {
    match (&status["up"], &status["reason"]) {
        (Value::Bool(true), _) => "up".to_owned(),
        (Value::Bool(false), reason) => reason.as_str().unwrap_or("down").to_owned(),
        _ => "-".to_owned(),
    }
}

fn show(common: &Common, name: &str) -> Result<(), Failure> {
    let spec = PROBES
        .iter()
        .copied()
        .chain([&sampler::SPEC, &plugin::SPEC, &auditing::SPEC])
        .find(|spec| spec.name == name);
    let spec =
        spec.ok_or_else(|| Failure::Usage(format!("there is no probe {name:?}; see hostward probes list")))?;
    output::either(common.format, &value(spec), |_| text(spec));
    Ok(())
}

fn value(spec: &Spec) -> Value {
    let metric = |own: &&Metric| json!({ "name": own.name, "type": own.kind.as_str(), "help": own.help, "labels": own.labels });
    let setting =
        |own: &Setting| json!({ "name": own.name, "about": own.about, "default": own.default.value() });
    json!({
        "name": spec.name,
        "about": spec.about,
        "doc": spec.doc,
        "enabled": spec.enabled,
        "reads": spec.reads,
        "aside": spec.pace == Pace::Aside,
        "everyMilliseconds": spec.every_ms,
        "settings": spec.settings.iter().map(setting).collect::<Vec<_>>(),
        "metrics": spec.metrics.iter().map(metric).collect::<Vec<_>>(),
    })
}

fn text(spec: &Spec) -> String {
    let place = match spec.pace {
        Pace::Aside => "aside, under a deadline, because it can block",
        Pace::Inline => "in the tick",
    };
    let every =
        if spec.every_ms > 0 { format!(", at most each {} s", spec.every_ms / 1000) } else { String::new() };
    let off = if spec.enabled { "" } else { "; off unless switched on" };
    let mut text = format!("{}: {}\nruns   {place}{every}{off}\n", spec.name, spec.about);
    if !spec.doc.is_empty() {
        text += &format!("see    {}\n", spec.doc);
    }
    spec.reads.iter().for_each(|path| text += &format!("reads  {path}\n"));
    for setting in spec.settings {
        let default = serde_json::to_string(&setting.default.value()).unwrap_or_default();
        text += &format!("takes  {} = {default}: {}\n", setting.name, setting.about);
    }
    for metric in spec.metrics {
        let labels =
            if metric.labels.is_empty() { String::new() } else { format!("{{{}}}", metric.labels.join(",")) };
        text += &format!("yields {}{labels} ({}): {}\n", metric.name, metric.kind.as_str(), metric.help);
    }
    text
}
