//! `hostward alerts`: what is wrong now.

use super::output::{field, items, table, visible};
use super::{Common, Failure, Found, Outcome, daemon, output};
use clap::Subcommand;
use serde_json::{Value, json};

/// What `alerts` can do.
#[derive(Subcommand)]
pub enum Alerts {
    /// List alerts that are pending or firing, and those that resolved lately.
    List,
    /// Show one with everything that is known of it.
    Show {
        /// Its id, or the beginning of it.
        id: String,
    },
    /// Say that you have seen it.
    Ack {
        /// Its id, or the beginning of it.
        id: String,
        /// What others should know.
        #[arg(long, default_value = "")]
        comment: String,
    },
}

/// Lists, shows or acknowledges.
pub fn act(common: &Common, own: &Alerts) -> Outcome {
    let alerts = daemon::get(common, "alerts")?;
    match own {
        Alerts::List => Ok(list(common, &alerts)),
        Alerts::Show { id } => {
            output::either(common.format, find(&alerts, id)?, show);
            Ok(Found::Well)
        }
        Alerts::Ack { id, comment } => {
            let id = find(&alerts, id)?["id"].as_str().unwrap_or(id);
            let answer =
                daemon::post(common, &format!("alerts/{id}/acknowledge"), &json!({ "comment": comment }))?;
            output::either(common.format, &answer, |answer| {
                format!("acknowledged by {}\n", field(answer, "by"))
            });
            Ok(Found::Well)
        }
    }
}

fn list(common: &Common, alerts: &Value) -> Found {
    let all = items(alerts, "alerts");
    output::either(common.format, alerts, |_| {
        let row = |own: &Value| {
            vec![
                field(own, "id"),
                state(own),
                field(own, "name"),
                field(own, "activeAt"),
                field(&own["annotations"], "summary"),
            ]
        };
        table(&all.iter().map(row).collect::<Vec<_>>())
    });
    if all.is_empty() {
        output::message("no alerts");
    }
    if all.iter().any(|own| own["state"] == "firing") { Found::Wrong } else { Found::Well }
}

fn state(alert: &Value) -> String {
    field(alert, "state") + if alert["acknowledged"].is_null() { "" } else { " (seen)" }
}

fn find<'a>(alerts: &'a Value, id: &str) -> Result<&'a Value, Failure> {
    let begins = |own: &&Value| own["id"].as_str().is_some_and(|own| own.starts_with(id));
    let mut found = items(alerts, "alerts").iter().filter(begins);
    match (found.next(), found.next()) {
        (Some(alert), None) => Ok(alert),
        (Some(_), Some(_)) => Err(Failure::Usage(format!("{id:?} is the beginning of several ids"))),
        (None, _) => Err(Failure::Usage(format!("there is no alert {id:?}; see hostward alerts list"))),
    }
}

fn show(alert: &Value) -> String {
    let mut rows: Vec<Vec<String>> =
        ["name", "state", "value", "expr", "activeAt", "firedAt", "resolvedAt", "id"]
            .iter()
            .map(|name| vec![(*name).to_owned(), field(alert, name)])
            .collect();
    for part in ["labels", "annotations", "acknowledged"] {
        for (name, value) in alert[part].as_object().into_iter().flatten() {
            rows.push(vec![format!("{part}.{name}"), visible(value.as_str().unwrap_or(""))]);
        }
    }
    for seen in items(alert, "evidence") {
        rows.push(vec!["evidence".to_owned(), evidence(seen)]);
    }
    table(&rows)
}

fn evidence(seen: &Value) -> String {
    let mut text = format!("{} = {}", field(seen, "series"), field(seen, "value"));
    if !seen["expected"].is_null() {
        text += &format!(", expected {}, usual {}", seen["expected"], seen["band"]);
    }
    if !seen["confidence"].is_null() {
        text += &format!(", confidence {}", seen["confidence"]);
    }
    text
}
