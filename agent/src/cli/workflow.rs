//! `hostward workflow`: what is done in steps, until it is known to be well again.

use super::output::{self, field, items, table};
use super::{Common, Found, Outcome, daemon};
use crate::percent::encode;
use crate::visible::visible;
use clap::Subcommand;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What `workflow` can do.
#[derive(Subcommand)]
pub enum Workflow {
    /// List the workflows that there are, and the runs of them.
    List,
    /// Start one, as root; it goes on in the daemon.
    Start {
        /// Its name.
        name: String,
        /// What it is told, as NAME=VALUE; can be given again.
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = super::remediate::pair)]
        inputs: Vec<(String, String)>,
    },
    /// Show how far a run is, step by step.
    Show {
        /// Its id.
        id: String,
    },
    /// End a run, as root; what it did is taken back.
    Cancel {
        /// Its id.
        id: String,
        /// Why, for the audit log.
        #[arg(long, default_value = "")]
        comment: String,
    },
}

/// Does what the command line says; a run that failed exits with 1.
pub fn act(common: &Common, own: &Workflow) -> Outcome {
    match own {
        Workflow::List => {
            let all = daemon::get(common, "workflows")?;
            output::either(common.format, &all, list);
        }
        Workflow::Start { name, inputs } => {
            let inputs: BTreeMap<_, _> = inputs.iter().cloned().collect();
            let run = daemon::post(common, "workflows", &json!({ "workflow": name, "inputs": inputs }))?;
            output::either(common.format, &run, |run| {
                format!("{} is {}\n", field(run, "id"), field(run, "phase"))
            });
        }
        Workflow::Show { id } => {
            let run = daemon::get(common, &format!("workflows/{}", encode(id)))?;
            output::either(common.format, &run, show);
            return Ok(if run["phase"] == "failed" { Found::Wrong } else { Found::Well });
        }
        Workflow::Cancel { id, comment } => {
            let path = format!("workflows/{}/cancel", encode(id));
            let run = daemon::post(common, &path, &json!({ "comment": comment }))?;
            output::either(common.format, &run, |run| {
                format!("{} is {}\n", field(run, "id"), field(run, "phase"))
            });
        }
    }
    Ok(Found::Well)
}

fn list(all: &Value) -> String {
    let rows = |name: &str, columns: &[&str]| {
        let row = |own: &Value| columns.iter().map(|name| field(own, name)).collect();
        table(&items(all, name).iter().map(row).collect::<Vec<_>>())
    };
    let inputs = |own: &Value| {
        let named = own["inputs"].as_object().map(|own| own.keys().cloned().collect::<Vec<_>>().join(" "));
        vec![field(own, "name"), field(own, "title"), named.unwrap_or_default()]
    };
    let known = table(&items(all, "workflows").iter().map(inputs).collect::<Vec<_>>());
    format!("{known}\n{}", rows("runs", &["id", "phase", "by", "started", "why"]))
}

fn show(run: &Value) -> String {
    let head = ["id", "workflow", "phase", "why", "by", "started", "ended"];
    let head = table(&head.map(|name| vec![name.to_owned(), field(run, name)]));
    let row = |own: &Value| {
        let gave = own["gave"].as_object().into_iter().flatten();
        let gave = gave.map(|(name, text)| format!("{name}={}", first_line(text)));
        let said = visible(own["said"].as_str().unwrap_or(""));
        let told = gave.chain([said]).filter(|own| !own.is_empty()).collect::<Vec<_>>().join(" ");
        vec![field(own, "id"), field(own, "do"), field(own, "standing"), field(own, "attempt"), told]
    };
    format!("{head}\n{}", table(&items(run, "steps").iter().map(row).collect::<Vec<_>>()))
}

fn first_line(text: &Value) -> String {
    let text = text.as_str().unwrap_or("");
    let line = visible(text.lines().next().unwrap_or(""));
    if text.contains('\n') { format!("{line} ...") } else { line }
}
