//! `hostward explain`: what is unusual, since when, together with what, and what came first; of an alert also its rule,
//! what changed before it, and what the host looked like.

mod alert;
mod bundle;
mod changes;
mod moment;
mod rule;
mod unusual;

use super::baseline::{band, because, before, brief, settled, surest};
use super::output::{field, items, table};
use super::{Common, Failure, Found, Outcome, daemon, output};
use crate::percent::encode;
use clap::Args;
use serde_json::{Value, json};

/// What `explain` takes.
#[derive(Args)]
pub struct Explain {
    /// The number of an incident, an alert (its rule's name or the beginning of its id), or a series; without it, the incidents are listed.
    what: Option<String>,
}

/// Explains.
pub fn act(common: &Common, own: &Explain) -> Outcome {
    let incidents = daemon::get(common, "incidents")?;
    let Some(what) = &own.what else { return Ok(list(common, &incidents)) };
    let explained = match find(&incidents, what) {
        Some(incident) => json!({ "incident": incident }),
        None => match begun(common, what)? {
            Some(own) => alert::gather(common, &incidents, &own)?,
            None => series(common, &incidents, what)?,
        },
    };
    output::either(common.format, &explained, text);
    Ok(Found::Well)
}

fn list(common: &Common, incidents: &Value) -> Found {
    let all = items(incidents, "incidents");
    output::either(common.format, incidents, |_| table(&all.iter().map(row).collect::<Vec<_>>()));
    if all.is_empty() {
        output::message("no incidents");
    }
    let alerts = |own: &Value| own["open"] == true && !own["alertedAt"].is_null();
    if all.iter().any(alerts) { Found::Wrong } else { Found::Well }
}

fn row(own: &Value) -> Vec<String> {
    let state = match (own["open"] == true, own["alertedAt"].is_null()) {
        (true, false) => "alerting",
        (true, true) => "open",
        (false, false) => "alerted",
        (false, true) => "over",
    };
    let members = items(own, "members");
    vec![
        field(own, "id"),
        state.to_owned(),
        field(own, "since"),
        format!("{} series", members.len() as u64 + own["leftOut"].as_u64().unwrap_or(0)),
        members.first().map_or_else(|| "-".to_owned(), |first| field(first, "series")),
    ]
}

fn find<'a>(incidents: &'a Value, id: &str) -> Option<&'a Value> {
    items(incidents, "incidents").iter().find(|own| own["id"].as_u64() == id.parse().ok())
}

/// The alert whose id begins so, or of the rule with that name.
fn begun(common: &Common, id: &str) -> Result<Option<Value>, Failure> {
    let alerts = daemon::get(common, "alerts")?;
    let begins =
        |own: &&Value| own["name"] == id || own["id"].as_str().is_some_and(|own| own.starts_with(id));
    Ok(items(&alerts, "alerts").iter().find(begins).cloned())
}

/// What is known of a series, and the latest incident that it was part of.
fn series(common: &Common, incidents: &Value, what: &str) -> Result<Value, Failure> {
    let course = daemon::get(common, &format!("baseline?series={}&back=0", encode(what)))?;
    let series = &course["baseline"]["series"];
    let is_in = |own: &&Value| items(own, "members").iter().any(|member| member["series"] == *series);
    let incident = items(incidents, "incidents").iter().find(is_in);
    Ok(json!({ "anomaly": course["baseline"], "incident": incident.unwrap_or(&Value::Null) }))
}

fn text(explained: &Value) -> String {
    let mut out = String::new();
    if !explained["alert"].is_null() {
        out += &alert::text(explained);
    }
    let anomaly = &explained["anomaly"];
    if !anomaly.is_null() {
        out += &of_series(anomaly);
    }
    let incident = &explained["incident"];
    if incident.is_null() {
        return out + "no incident goes with it\n";
    }
    out + &of_incident(incident)
}

fn of_series(own: &Value) -> String {
    let seen = if own["peak"].is_null() { &own["now"] } else { &own["peak"] };
    let state = match own["unusualSince"].as_str() {
        Some(since) => format!("unusual since {since}, {}", because(seen)),
        None => "usual now".to_owned(),
    };
    let mut lines = vec![state, observed(seen), format!("unusual {}", before(own))];
    lines.extend(surest(own).map(|said| format!("sure {said}")));
    lines.extend(settled(own));
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("{}\n{lines}", field(own, "series"))
}

fn observed(own: &Value) -> String {
    let [value, expected] = ["value", "expected"].map(|name| brief(&own[name]));
    format!("observed {value}, expected {expected}, usual {}", band(&own["band"]))
}

fn of_incident(own: &Value) -> String {
    let until = if own["open"] == true { "now".to_owned() } else { field(own, "last") };
    let mut out = format!("incident {} from {} until {until}\n", field(own, "id"), field(own, "since"));
    let told = match own["alertedAt"].as_str() {
        Some(at) => format!("alerted at {at}"),
        None => "did not alert".to_owned(),
    };
    out += &format!("  score {}, alerts from {}: {told}\n", brief(&own["score"]), level(own));
    for (index, member) in items(own, "members").iter().enumerate() {
        let head = if index == 0 { "most likely first" } else { "with it" };
        out += &format!("  {head}: {}\n", field(member, "series"));
        out += &format!("    {}\n", observed(&member["peak"]));
        out += &format!("    {}, {}\n", when(member), because(&member["peak"]));
    }
    if let Some(more) = own["leftOut"].as_u64().filter(|more| *more > 0) {
        out += &format!("  and {more} more series\n");
    }
    for moved in items(own, "moved") {
        out += &format!("  moved as well: {}\n", field(moved, "series"));
        let (value, usual) = (brief(&moved["value"]), band(&moved["band"]));
        out += &format!("    {}, as far as {value}, usual {usual}\n", led(moved));
    }
    out
}

/// When a series that is no anomaly moved, beside the first that is one.
fn led(moved: &Value) -> String {
    let lead = moved["leadSeconds"].as_f64().unwrap_or(0.0);
    let word = if lead < 0.0 { "after" } else { "before" };
    format!("{} s {word} the first", brief(&json!(lead.abs())))
}

fn level(own: &Value) -> String {
    own["level"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .map_or("-".to_owned(), |level: f64| format!("{level:.2}"))
}

fn when(member: &Value) -> String {
    let lag = member["lagSeconds"].as_f64().unwrap_or(0.0);
    let moved = if lag > 0.0 {
        format!("moved {} s after the first", brief(&json!(lag)))
    } else {
        "moved first".to_owned()
    };
    let before = match member["before"].as_u64() {
        None | Some(0) => "never so before".to_owned(),
        Some(count) => format!("{count} times so before"),
    };
    format!("{moved}, for {} s, {before}", brief(&member["lastedSeconds"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_series_is_told_with_its_past_and_how_sure_one_can_be() {
        let own = json!({
            "series": "node_load1", "unusualSince": null, "peak": null, "surest": 0.9972,
            "now": { "value": 80.0, "expected": 79.0, "band": [70.0, 90.0] },
            "before": 3, "lastBefore": "2026-01-01T03:00:00Z",
            "settled": { "at": "2026-01-02T03:00:00Z", "was": 20.0, "is": 80.0 },
        });
        expect![[r#"
            node_load1
              usual now
              observed 80, expected 79, usual 70 to 90
              unusual 3 times before, last at 2026-01-01T03:00:00Z
              sure up to 99.720 % by now: its past is no longer
              settled at a new level 2026-01-02T03:00:00Z (was 20, is 80)
            no incident goes with it
        "#]]
        .assert_eq(&text(&json!({ "anomaly": own })));
    }

    #[test]
    fn an_incident_is_told_from_its_first_cause_on() {
        let peak = |value: f64| json!({ "value": value, "expected": 0.3, "band": [0.1, 0.5], "confidence": 0.9999, "channel": "level" });
        let incident = json!({
            "id": 7, "since": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:04:00Z", "open": false,
            "score": 12.3456, "level": "9.1", "alertedAt": "2026-01-01T00:00:50Z", "leftOut": 2,
            "members": [
                { "series": "node_load1", "lagSeconds": 0.0, "lastedSeconds": 230.0, "before": 0, "peak": peak(20.0) },
                { "series": "node_procs_running", "lagSeconds": 10.0, "lastedSeconds": 200.0, "before": 3, "peak": peak(9.0) },
            ],
            "moved": [{ "series": "queue", "leadSeconds": 130.0, "value": 40.0, "band": [0.0, 12.0] }],
        });
        expect![[r#"
            incident 7 from 2026-01-01T00:00:00Z until 2026-01-01T00:04:00Z
              score 12.3456, alerts from 9.10: alerted at 2026-01-01T00:00:50Z
              most likely first: node_load1
                observed 20, expected 0.3, usual 0.1 to 0.5
                moved first, for 230 s, never so before, 99.990 % sure (level)
              with it: node_procs_running
                observed 9, expected 0.3, usual 0.1 to 0.5
                moved 10 s after the first, for 200 s, 3 times so before, 99.990 % sure (level)
              and 2 more series
              moved as well: queue
                130 s before the first, as far as 40, usual 0 to 12
        "#]]
        .assert_eq(&text(&json!({ "incident": incident })));
    }
}
