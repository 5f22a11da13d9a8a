//! `hostward outbox`: scripts that wait for a person.

use super::output::{field, items, table};
use super::{Common, Found, Outcome, daemon, output};
use crate::outlet::encode;
use clap::Subcommand;
use serde_json::Value;

/// What `outbox` can do.
#[derive(Subcommand)]
pub enum Outbox {
    /// List the scripts, newest first.
    List,
    /// Print a script.
    Show {
        /// Its id.
        id: String,
    },
}

/// Lists or shows.
pub fn act(common: &Common, own: &Outbox) -> Outcome {
    match own {
        Outbox::List => {
            let outbox = daemon::get(common, "outbox")?;
            output::either(common.format, &outbox, list);
            if items(&outbox, "artifacts").is_empty() {
                output::message("the outbox is empty");
            }
        }
        Outbox::Show { id } => {
            let artifact = daemon::get(common, &format!("outbox/{}", encode(id)))?;
            output::either(common.format, &artifact, |own| own["script"].as_str().unwrap_or("").to_owned());
            output::message(&format!("from {}", field(&artifact, "path")));
        }
    }
    Ok(Found::Well)
}

fn list(outbox: &Value) -> String {
    let columns = ["id", "state", "playbook", "alert_name", "created"];
    let row = |own: &Value| columns.iter().map(|name| field(own, name)).collect();
    table(&items(outbox, "artifacts").iter().map(row).collect::<Vec<_>>())
}
