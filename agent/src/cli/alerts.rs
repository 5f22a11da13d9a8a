//! `hostward alerts`: what is wrong now.

use super::output::{field, items, table};
use super::{Common, Failure, Found, Outcome, daemon, output, silence};
use crate::visible::visible;
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
        /// For how long, such as 4h; until it resolves unless given.
        #[arg(long, value_name = "SPAN")]
        r#for: Option<String>,
    },
    /// List the alerts that somebody has seen, those of longest ago first.
    Acks,
    /// List silences, ask for one, or end one.
    #[command(subcommand)]
    Silence(silence::Silence),
    /// List what became of notifications, the newest first.
    Notifications,
    /// Send a test notification to all receivers, or to one.
    TestNotification {
        /// Its name.
        #[arg(long)]
        receiver: Option<String>,
    },
}

/// Lists, shows or acknowledges.
pub fn act(common: &Common, own: &Alerts) -> Outcome {
    match own {
        Alerts::Silence(own) => return silence::act(common, own),
        Alerts::Notifications => return notifications(common),
        Alerts::TestNotification { receiver } => return test(common, receiver.as_deref()),
        Alerts::List | Alerts::Show { .. } | Alerts::Ack { .. } | Alerts::Acks => {}
    }
    let alerts = daemon::get(common, "alerts")?;
    match own {
        Alerts::Silence(_) | Alerts::Notifications | Alerts::TestNotification { .. } => Ok(Found::Well),
        Alerts::Acks => Ok(acks(common, &alerts)),
        Alerts::List => Ok(list(common, &alerts)),
        Alerts::Show { id } => {
            let mut alert = find(&alerts, id)?.clone();
            alert["together"] = daemon::get(common, &format!("alerts/{}/together", field(&alert, "id")))?;
            output::either(common.format, &alert, show);
            Ok(Found::Well)
        }
        Alerts::Ack { id, comment, r#for } => {
            let id = find(&alerts, id)?["id"].as_str().unwrap_or(id);
            let body = json!({ "comment": comment, "for": r#for });
            let answer = daemon::post(common, &format!("alerts/{id}/acknowledge"), &body)?;
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
    let telling = &alert["telling"];
    let marks = [
        (!alert["acknowledged"].is_null(), "seen"),
        (!telling["silencedBy"].is_null(), "silenced"),
        (!telling["inhibitedBy"].is_null(), "inhibited"),
        (telling["flapping"] == true, "flapping"),
    ];
    let marks: Vec<&str> = marks.iter().filter(|own| own.0).map(|own| own.1).collect();
    let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join(", ")) };
    field(alert, "state") + &marks
}

/// An acknowledgement that is old may have been forgotten, so they are shown first.
fn acks(common: &Common, alerts: &Value) -> Found {
    let mut seen: Vec<&Value> =
        items(alerts, "alerts").iter().filter(|own| !own["acknowledged"].is_null()).collect();
    seen.sort_by_key(|own| own["acknowledged"]["at"].as_str().unwrap_or("").to_owned());
    let row = |own: &&Value| {
        let said = &own["acknowledged"];
        let words = ["at", "by", "until", "comment"].map(|name| field(said, name));
        [vec![field(own, "id"), field(own, "name")], words.to_vec()].concat()
    };
    let rows: Vec<_> = seen.iter().map(row).collect();
    output::either(common.format, &json!({ "acknowledged": seen }), |_| table(&rows));
    if rows.is_empty() {
        output::message("nobody has said that they have seen an alert");
    }
    Found::Well
}

fn notifications(common: &Common) -> Outcome {
    let all = daemon::get(common, "notifications")?;
    let words = ["at", "receiver", "outcome", "notices", "first", "message"];
    let row = |own: &Value| words.map(|name| field(own, name)).to_vec();
    let rows: Vec<_> = items(&all, "notifications").iter().map(row).collect();
    output::either(common.format, &all, |_| table(&rows));
    if rows.is_empty() {
        output::message("nobody was told anything yet");
    }
    Ok(Found::Well)
}

fn test(common: &Common, receiver: Option<&str>) -> Outcome {
    let answer = daemon::post(common, "notifications/test", &json!({ "receiver": receiver }))?;
    let tested = items(&answer, "tested");
    let row = |own: &Value| {
        let trouble = own["trouble"].as_str().map_or_else(|| "delivered".to_owned(), visible);
        vec![field(own, "receiver"), trouble]
    };
    output::either(common.format, &answer, |_| table(&tested.iter().map(row).collect::<Vec<_>>()));
    if tested.is_empty() {
        output::message("no receivers are configured; see [receivers.NAME] in the configuration");
    }
    let is_well = tested.iter().all(|own| own["trouble"].is_null());
    Ok(if is_well { Found::Well } else { Found::Wrong })
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
    rows.extend(told(alert));
    for seen in items(alert, "evidence") {
        rows.push(vec!["evidence".to_owned(), evidence(seen)]);
    }
    table(&rows)
}

/// Who was told, why others were not, and what it belongs together with.
fn told(alert: &Value) -> Vec<Vec<String>> {
    let (telling, together) = (&alert["telling"], &alert["together"]);
    let mut rows = Vec::new();
    for (name, own) in telling["told"].as_object().into_iter().flatten() {
        rows.push(vec![format!("told.{name}"), format!("{} at {}", field(own, "state"), field(own, "at"))]);
    }
    for word in ["silencedBy", "inhibitedBy"].iter().filter(|word| !telling[**word].is_null()) {
        rows.push(vec![(*word).to_owned(), field(telling, word)]);
    }
    if telling["flapping"] == true {
        rows.push(vec!["flapping".to_owned(), "yes: it is told again when it is calm".to_owned()]);
    }
    if !together["incident"].is_null() {
        let id = field(together, "incident");
        rows.push(vec!["incident".to_owned(), format!("{id}; see hostward explain")]);
    }
    rows.extend(
        items(together, "alerts")
            .iter()
            .filter_map(Value::as_str)
            .map(|id| vec!["with".to_owned(), visible(id)]),
    );
    if !together["first"].is_null() {
        let first = &together["first"];
        rows.push(vec!["first".to_owned(), format!("{} at {}", field(first, "what"), field(first, "at"))]);
    }
    rows
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
