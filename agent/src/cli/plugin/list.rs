//! `hostward plugin list`: how plugins fare.

use crate::cli::output::{field, items, table};
use crate::cli::{Common, Found, Outcome, daemon, output};
use crate::visible::visible;
use clap::Args;
use serde_json::{Value, json};

/// Which.
#[derive(Args)]
pub struct List {
    /// Only the plugin of this name, with all that is known of it.
    name: Option<String>,
}

/// Lists them; one that yields nothing though it should is something wrong.
pub fn act(common: &Common, own: &List) -> Outcome {
    let answer = daemon::get(common, "plugins")?;
    let wanted = |plugin: &&Value| own.name.as_ref().is_none_or(|name| plugin["name"] == name.as_str());
    let plugins: Vec<&Value> = items(&answer, "plugins").iter().filter(wanted).collect();
    output::either(common.format, &json!({ "plugins": plugins }), |_| match own.name {
        Some(_) => plugins.iter().map(|plugin| whole(plugin)).collect(),
        None => table(&plugins.iter().map(|plugin| row(plugin)).collect::<Vec<_>>()),
    });
    if plugins.is_empty() {
        output::message("no plugins; docs/guide/plugins.md says where they are put");
    }
    let is_wrong = |plugin: &&Value| {
        plugin["state"].as_str().is_some_and(|state| ["failing", "quarantined", "refused"].contains(&state))
    };
    Ok(if plugins.iter().any(is_wrong) { Found::Wrong } else { Found::Well })
}

fn row(plugin: &Value) -> Vec<String> {
    let samples = format!("{} samples", plugin["samples"]);
    let what = plugin["reason"].as_str().map_or(samples, visible);
    vec![field(plugin, "name"), field(plugin, "state"), field(plugin, "format"), what]
}

fn whole(plugin: &Value) -> String {
    const FIELDS: [&str; 18] = [
        "name",
        "path",
        "state",
        "reason",
        "format",
        "kind",
        "intervalSeconds",
        "timeoutSeconds",
        "lastRead",
        "lastSeconds",
        "cpuSeconds",
        "rssPeakBytes",
        "samples",
        "dropped",
        "runs",
        "failures",
        "restarts",
        "leftBehind",
    ];
    let mut rows: Vec<Vec<String>> =
        FIELDS.iter().map(|name| vec![(*name).to_owned(), field(plugin, name)]).collect();
    for service in items(plugin, "services") {
        let text =
            format!("{} {}: {}", field(service, "state"), field(service, "name"), field(service, "text"));
        rows.push(vec!["service".to_owned(), text]);
    }
    for rejected in items(plugin, "rejected") {
        rows.push(vec![
            "rejected".to_owned(),
            format!("line {}: {}", rejected["line"], field(rejected, "reason")),
        ]);
    }
    table(&rows)
}
