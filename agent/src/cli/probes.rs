//! `hostward probes`: what is looked at, and how that goes.

use super::output::{field, items, table};
use super::{Common, Failure, Found, Outcome, daemon, output};
use crate::sampler::{METRICS, OWN};
use clap::Subcommand;
use hostward_model::Metric;
use hostward_probes::{PROBES, Pace, Spec};
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

/// What can be shown of a probe, and of the samples that the sampler adds about them all.
struct Described {
    name: &'static str,
    about: &'static str,
    reads: &'static [&'static str],
    aside: bool,
    metrics: &'static [&'static Metric],
}

impl Described {
    fn of(spec: &Spec) -> Self {
        let aside = spec.pace == Pace::Aside;
        Described { name: spec.name, about: spec.about, reads: spec.reads, aside, metrics: spec.metrics }
    }

    fn own() -> Self {
        let about = "how hostward itself and its probes fare";
        Described { name: OWN, about, reads: &[], aside: false, metrics: METRICS }
    }
}

fn state(status: &Value) -> String {
    match (&status["up"], &status["reason"]) {
        (Value::Bool(true), _) => "up".to_owned(),
        (Value::Bool(false), reason) => reason.as_str().unwrap_or("down").to_owned(),
        _ => "-".to_owned(),
    }
}

fn show(common: &Common, name: &str) -> Result<(), Failure> {
    let mut described = PROBES.iter().map(|spec| Described::of(spec)).chain([Described::own()]);
    let spec = described.find(|own| own.name == name);
    let spec =
        spec.ok_or_else(|| Failure::Usage(format!("there is no probe {name:?}; see hostward probes list")))?;
    let metric = |own: &&Metric| json!({ "name": own.name, "type": own.kind.as_str(), "help": own.help, "labels": own.labels });
    let value = json!({
        "name": spec.name,
        "about": spec.about,
        "reads": spec.reads,
        "aside": spec.aside,
        "metrics": spec.metrics.iter().map(metric).collect::<Vec<_>>(),
    });
    output::either(common.format, &value, |_| text(&spec));
    Ok(())
}

fn text(spec: &Described) -> String {
    let place = if spec.aside { "aside, under a deadline, because it can block" } else { "in the tick" };
    let mut text = format!("{}: {}\nruns   {place}\n", spec.name, spec.about);
    spec.reads.iter().for_each(|path| text += &format!("reads  {path}\n"));
    for metric in spec.metrics {
        let labels =
            if metric.labels.is_empty() { String::new() } else { format!("{{{}}}", metric.labels.join(",")) };
        text += &format!("yields {}{labels} ({}): {}\n", metric.name, metric.kind.as_str(), metric.help);
    }
    text
}
