//! What the agent takes for the cause of a fault: the first of the series that joined its incidents since.

use crate::Outcome;
use crate::live::agent::Agent;
use crate::live::socket::ask;
use serde_json::Value;
use std::collections::BTreeSet;

/// A stretch of one series in an incident: the incident's number, the series, and since when it is unusual.
pub type Member = (u64, String, String);

/// What was named first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Name and labels.
    pub series: String,
    /// Whether its incident went on before the fault: faults come fast here, and what is unusual within minutes of other
    /// things goes with them.
    pub joined: bool,
}

/// All incidents that the agent remembers, whether they alerted or not; the newest first.
pub fn incidents(agent: &Agent) -> Outcome<Value> {
    ask(&agent.state_dir, "incidents")
}

/// What is in them.
pub fn members(incidents: &Value) -> BTreeSet<Member> {
    each(incidents).flat_map(|own| list(&own["members"]).map(|member| key(own, member))).collect()
}

/// The likeliest cause among what was not in them before.
pub fn first(incidents: &Value, before: &BTreeSet<Member>) -> Option<Named> {
    each(incidents).find_map(|own| {
        let new = |member: &&Value| !before.contains(&key(own, member));
        let member = list(&own["members"]).find(new)?;
        let (id, series, _) = key(own, member);
        Some(Named { series, joined: before.iter().any(|(known, ..)| *known == id) })
    })
}

fn key(incident: &Value, member: &Value) -> Member {
    let text = |name: &str| member[name].as_str().unwrap_or("").to_owned();
    (incident["id"].as_u64().unwrap_or(0), text("series"), text("since"))
}

fn each(incidents: &Value) -> impl Iterator<Item = &Value> {
    list(&incidents["incidents"])
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn incident(id: u64, members: &[(&str, &str)]) -> Value {
        let member = |(series, since): &(&str, &str)| json!({ "series": series, "since": since });
        json!({ "id": id, "members": members.iter().map(member).collect::<Vec<_>>() })
    }

    #[test]
    fn the_first_that_is_new_is_named_whether_its_incident_is_new_or_not() {
        let known = incident(7, &[("load", "12:00"), ("cpu", "12:01")]);
        let before = members(&json!({ "incidents": [known] }));
        let named = |incidents: Value| first(&json!({ "incidents": incidents }), &before);
        let name = |series: &str, joined| Some(Named { series: series.to_owned(), joined });
        assert_eq!(named(json!([known])), None);
        assert_eq!(
            named(json!([incident(8, &[("disk", "12:09"), ("load", "12:09")]), known])),
            name("disk", false)
        );
        let grown = incident(7, &[("load", "12:00"), ("memory", "12:09"), ("disk", "12:08")]);
        assert_eq!(named(json!([grown])), name("memory", true));
        let again = incident(7, &[("load", "12:09"), ("cpu", "12:01")]);
        assert_eq!(named(json!([again])), name("load", true));
    }
}
