//! What somebody said of alerts over time, and how far two stories are apart.

use serde_json::Value;
use std::collections::BTreeMap;

/// An alert by its name and its label `subject`.
pub type Who = (String, String);

/// When each alert became what; `inactive` when it was no longer told of.
#[derive(Default)]
pub struct Story {
    now: BTreeMap<Who, String>,
    turns: BTreeMap<Who, Vec<(f64, String)>>,
}

impl Story {
    /// Takes what is said at `at_s`: the `data` of an answer of `/api/v1/alerts`.
    pub fn take(&mut self, at_s: f64, said: &Value) {
        let said = states(said);
        let ended = self.now.keys().filter(|who| !said.contains_key(*who)).cloned().collect::<Vec<_>>();
        let ends = ended.into_iter().map(|who| (who, "inactive".to_owned()));
        for (who, state) in said.clone().into_iter().chain(ends) {
            if self.now.get(&who) != Some(&state) {
                self.turns.entry(who).or_default().push((at_s, state));
            }
        }
        self.now = said;
    }

    /// The turns of one alert, as a line.
    pub fn line(&self, who: &Who) -> String {
        let turns = self.turns.get(who).into_iter().flatten();
        turns.map(|(at_s, state)| format!("{at_s:.1} s {state}")).collect::<Vec<_>>().join(", ")
    }
}

fn states(said: &Value) -> BTreeMap<Who, String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let alerts = said["alerts"].as_array().into_iter().flatten();
    alerts
        .map(|alert| {
            ((word(&alert["labels"]["alertname"]), word(&alert["labels"]["subject"])), word(&alert["state"]))
        })
        .collect()
}

/// One alert in both stories.
#[derive(Debug, PartialEq)]
pub struct Compared {
    pub who: Who,
    /// How often it turned, in each.
    pub turns: [usize; 2],
    /// Whether it turned into the same states one after the other.
    pub same: bool,
    /// The longest time between the same turn in both.
    pub apart_s: f64,
}

/// Compares turn by turn.
pub fn compare(ours: &Story, theirs: &Story) -> Vec<Compared> {
    let mut all: Vec<&Who> = ours.turns.keys().chain(theirs.turns.keys()).collect();
    all.sort();
    all.dedup();
    let turns = |story: &Story, who: &Who| story.turns.get(who).cloned().unwrap_or_default();
    let one = |who: &Who| {
        let (own, other) = (turns(ours, who), turns(theirs, who));
        let states = |turns: &[(f64, String)]| turns.iter().map(|turn| turn.1.clone()).collect::<Vec<_>>();
        let apart = own.iter().zip(&other).map(|(own, other)| (own.0 - other.0).abs());
        Compared {
            who: who.clone(),
            turns: [own.len(), other.len()],
            same: states(&own) == states(&other),
            apart_s: apart.fold(0.0, f64::max),
        }
    };
    all.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(turns: &[(f64, &[(&str, &str)])]) -> Story {
        let mut story = Story::default();
        for (at_s, alerts) in turns {
            let alerts: Vec<_> = alerts
                .iter()
                .map(|(name, state)| json!({"labels": {"alertname": name, "subject": "a"}, "state": state}))
                .collect();
            story.take(*at_s, &json!({ "alerts": alerts }));
        }
        story
    }

    #[test]
    fn the_same_turns_are_so_far_apart_and_a_turn_that_lacks_is_seen() {
        let ours =
            told(&[(0.0, &[("A", "pending")]), (5.0, &[("A", "firing"), ("B", "firing")]), (9.0, &[])]);
        let theirs = told(&[
            (1.0, &[("A", "pending")]),
            (7.0, &[("A", "firing")]),
            (7.5, &[("A", "firing")]),
            (8.0, &[]),
        ]);
        let who = |name: &str| (name.to_owned(), "a".to_owned());
        assert_eq!(
            compare(&ours, &theirs),
            [
                Compared { who: who("A"), turns: [3, 3], same: true, apart_s: 2.0 },
                Compared { who: who("B"), turns: [2, 0], same: false, apart_s: 0.0 },
            ]
        );
    }
}
