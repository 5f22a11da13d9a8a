//! What the agent says that it wrote down.

use super::witness::{ABSENT, Seen};
use crate::Outcome;
use crate::live::scrape::name;
use hostward_model::time::rfc3339;
use serde_json::Value;
use std::collections::BTreeMap;

/// A page can be this much older than its arrival on a busy machine.
const PAGE_AGE_MS: i64 = 3000;

/// The transitions of each alert, oldest first: when, and into which state.
#[derive(Default)]
pub struct Record(BTreeMap<String, Vec<(String, String)>>);

impl Record {
    /// Reads the API's answer, which has the newest first.
    pub fn read(answer: &Value) -> Outcome<Self> {
        let mut record = Record::default();
        let transitions = answer["transitions"].as_array().ok_or("transitions: not a list")?;
        for transition in transitions.iter().rev() {
            let labels =
                transition["alert"]["labels"].as_object().ok_or("transitions: an alert without labels")?;
            let alert =
                name(labels.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or(""))));
            let at = transition["at"].as_str().ok_or("transitions: no time")?.to_owned();
            let state = match transition["to"].as_str().ok_or("transitions: no state")? {
                "resolved" | "inactive" => ABSENT,
                state => state,
            };
            record.0.entry(alert).or_default().push((at, state.to_owned()));
        }
        Ok(record)
    }

    /// Whether the alert was in that state just before it was seen. Times of one length compare as text.
    pub fn explains(&self, seen: &Seen) -> bool {
        let (from, until) = (rfc3339(seen.at_ms - PAGE_AGE_MS), rfc3339(seen.at_ms));
        let transitions = self.0.get(&seen.alert).map_or(&[][..], Vec::as_slice);
        let before =
            transitions.iter().rfind(|(at, _)| *at < from).map_or(ABSENT, |(_, state)| state.as_str());
        let within = transitions.iter().filter(|(at, _)| (&from..=&until).contains(&at));
        before == seen.state || within.into_iter().any(|(_, state)| *state == seen.state)
    }

    /// The last transitions of an alert, for people.
    pub fn history(&self, alert: &str) -> String {
        let transitions = self.0.get(alert).map_or(&[][..], Vec::as_slice);
        let last = &transitions[transitions.len().saturating_sub(6)..];
        last.iter().map(|(at, state)| format!("{at} {state}")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> Record {
        let one = |at: &str, to: &str| json!({"at": at, "to": to, "alert": {"labels": {"alertname": "A"}}});
        let answer = json!({"transitions": [
            one("1970-01-01T00:00:30Z", "resolved"),
            one("1970-01-01T00:00:20Z", "firing"),
            one("1970-01-01T00:00:10Z", "pending"),
        ]});
        Record::read(&answer).unwrap()
    }

    #[test]
    fn what_was_told_must_have_been_written() {
        let seen = |state: &str, at_ms| Seen { alert: "A{}".to_owned(), state: state.to_owned(), at_ms };
        let cases = [
            (ABSENT, 9_000, true),
            ("pending", 9_999, false),
            ("pending", 10_001, true),
            ("firing", 19_500, false),
            ("firing", 20_500, true),
            ("pending", 22_000, true),
            ("pending", 25_000, false),
            (ABSENT, 29_000, false),
            (ABSENT, 90_000, true),
        ];
        for (state, at_ms, expected) in cases {
            assert_eq!(record().explains(&seen(state, at_ms)), expected, "{state} at {at_ms}");
        }
        assert!(!record().explains(&Seen { alert: "B{}".to_owned(), state: "firing".to_owned(), at_ms: 1 }));
    }

    #[test]
    fn the_history_is_for_people() {
        assert!(record().history("A{}").ends_with("1970-01-01T00:00:30Z absent"));
    }
}
