//! What else was unusual when an alert began, ranked: what came first and was far from usual comes first.

use super::moment::{Moment, seconds};
use super::observed;
use crate::cli::baseline::{because, brief};
use crate::cli::output::{field, items};
use serde_json::{Value, json};

/// Series that are told.
const SERIES_MAX: usize = 8;
/// What moved earlier than this before the alert has nothing to do with it.
const LEAD_S_MAX: f64 = 600.0;

/// The members of incidents that overlap with the alert, each with its lead and rank.
pub fn ranked(incidents: &Value, moment: Moment) -> Vec<Value> {
    let members = items(incidents, "incidents").iter().flat_map(|incident| items(incident, "members"));
    let mut found: Vec<(f64, Value)> = members.filter_map(|member| rank(member, moment)).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(SERIES_MAX);
    found.into_iter().map(|(_, member)| member).collect()
}

/// A strength counts up to double, the earlier the series moved.
fn rank(member: &Value, moment: Moment) -> Option<(f64, Value)> {
    let (onset, last) = (seconds(&member["onset"])?, seconds(&member["last"])?);
    let lead = moment.active - onset;
    if lead > LEAD_S_MAX && last < moment.active - LEAD_S_MAX || onset > moment.to {
        return None;
    }
    let strength = member["weight"].as_f64()?;
    let rank = strength * (1.0 + lead.clamp(0.0, LEAD_S_MAX) / LEAD_S_MAX);
    let told = json!({
        "series": member["series"], "leadSeconds": lead, "strength": strength, "rank": rank, "peak": member["peak"],
    });
    Some((rank, told))
}

/// As lines.
pub fn text(unusual: &[Value]) -> String {
    if unusual.is_empty() {
        return "nothing else was unusual then\n".to_owned();
    }
    let lines = unusual.iter().map(|own| {
        let lead = own["leadSeconds"].as_f64().unwrap_or(0.0);
        let when = if lead >= 0.0 { "before" } else { "after" };
        let (series, seen) = (field(own, "series"), observed(&own["peak"]));
        let why = because(&own["peak"]);
        format!("  {series}\n    {} s {when} the alert began, {seen}, {why}\n", brief(&json!(lead.abs())))
    });
    format!("unusual then, the likeliest cause first\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_first_and_far_comes_first() {
        let member = |series: &str, onset: &str, last: &str, weight: f64| json!({ "series": series, "onset": onset, "last": last, "weight": weight, "peak": {} });
        let incidents = json!({ "incidents": [{ "members": [
            member("late", "2026-01-01T00:10:20Z", "2026-01-01T00:12:00Z", 5.0),
            member("early", "2026-01-01T00:05:00Z", "2026-01-01T00:12:00Z", 4.0),
            member("weak", "2026-01-01T00:05:00Z", "2026-01-01T00:12:00Z", 1.0),
            member("over", "2025-12-31T20:00:00Z", "2025-12-31T21:00:00Z", 9.0),
            member("afterwards", "2026-01-01T02:00:00Z", "2026-01-01T02:01:00Z", 9.0),
        ] }] });
        let at = |text: &str| seconds(&json!(text)).unwrap();
        let active = at("2026-01-01T00:10:00Z");
        let found = ranked(&incidents, Moment { from: active - 1800.0, active, to: active + 600.0 });
        let order: Vec<_> = found.iter().map(|own| own["series"].as_str().unwrap()).collect();
        assert_eq!(order, ["early", "late", "weak"]);
        assert_eq!(found[0]["leadSeconds"], 300.0);
    }
}
