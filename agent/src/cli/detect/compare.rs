//! `--compare`: what was found, beside what is labelled.

use super::super::output::{either, table};
use super::super::{Failure, Format};
use super::Stop;
use super::labels::{Labels, Window};
use crate::dataset::{Input, Row, Rows};
use crate::visible::visible;
use hostward_engine::scorecard::{Mark, Scorecard};
use serde_json::{Value, json};
use std::path::Path;

/// Rows of one file that can be compared; they are held in memory.
const ROWS_MAX: usize = 20_000_000;

/// The comparison of all files.
pub struct Comparison {
    labels: Labels,
    files: Vec<(String, Scorecard)>,
}

/// The rows of one file, as they come.
pub struct Marker<'a> {
    files: &'a mut Vec<(String, Scorecard)>,
    name: String,
    /// None when the rows have labels of their own.
    windows: Option<Vec<Window>>,
    marks: Vec<Mark>,
}

impl Comparison {
    /// With labels from there, or of the files' own.
    pub fn new(labels: Option<&Path>) -> Result<Comparison, Failure> {
        Ok(Comparison { labels: Labels::of(labels).map_err(Failure::Usage)?, files: Vec::new() })
    }

    /// Begins a file.
    pub fn marker(&mut self, input: &Input, rows: &Rows) -> Result<Marker<'_>, String> {
        let windows = self.labels.windows(input)?;
        if windows.is_none() && !rows.has_labels() {
            return Err(
                "it has no column \"label\" or \"is_anomaly\"; name the labels: --compare LABELS".to_owned()
            );
        }
        let name = visible(&input.name.display().to_string());
        Ok(Marker { files: &mut self.files, name, windows, marks: Vec::new() })
    }

    /// Prints a row for each file, and one for all; nothing when none could be compared.
    pub fn show(&self, format: Format) {
        if self.files.is_empty() {
            return;
        }
        let mut total = Scorecard::default();
        self.files.iter().for_each(|(_, card)| total.add(card));
        let files: Vec<Value> = self.files.iter().map(|(name, card)| value(name, card)).collect();
        either(format, &json!({ "files": files, "total": value("total", &total) }), |_| {
            let head =
                ["file", "events", "found", "recall", "alerts", "precision", "F1", "delay", "false/day"];
            let head = head.map(str::to_owned).to_vec();
            let rows = self.files.iter().map(|(name, card)| row(name, card));
            let all: Vec<_> = [head].into_iter().chain(rows).chain([row("total", &total)]).collect();
            table(&all)
        });
    }
}

impl Marker<'_> {
    /// Takes a row; what has no time is in no event.
    pub fn take(&mut self, row: &Row<'_>, is_alarm: Option<bool>) -> Result<(), Stop> {
        let Ok(reading) = &row.reading else { return Ok(()) };
        if self.marks.len() == ROWS_MAX {
            return Err(Stop::Input(format!("over {ROWS_MAX} rows cannot be compared; split the file")));
        }
        let at_ms = reading.at_ms;
        let inside = |windows: &Vec<Window>| windows.iter().any(|(from, to)| (*from..=*to).contains(&at_ms));
        let is_event = self.windows.as_ref().map_or(reading.label, inside);
        self.marks.push(Mark { at_ms, is_event, is_alarm });
        Ok(())
    }

    /// Ends the file.
    pub fn end(mut self) {
        if self.marks.is_sorted_by(|one, next| one.at_ms >= next.at_ms) {
            self.marks.reverse();
        }
        self.files.push((self.name, Scorecard::of(&self.marks)));
    }
}

fn value(name: &str, card: &Scorecard) -> Value {
    json!({
        "file": name,
        "events": card.events,
        "found": card.found(),
        "recall": card.recall(),
        "alerts": card.alerts,
        "trueAlerts": card.true_alerts,
        "precision": card.precision(),
        "f1": card.f1(),
        "delaySeconds": card.delay_ms().map(|ms| ms / 1000.0),
        "falseAlertsPerDay": card.false_per_day(),
        "days": card.days,
    })
}

fn row(name: &str, card: &Scorecard) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let delay = card.delay_ms().map_or("-".to_owned(), |ms| format!("{} s", (ms / 1000.0).round()));
    vec![
        name.to_owned(),
        card.events.to_string(),
        card.found().to_string(),
        number(card.recall()),
        card.alerts.to_string(),
        number(card.precision()),
        number(card.f1()),
        delay,
        number(card.false_per_day()),
    ]
}
