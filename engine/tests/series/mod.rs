//! Series for tests, written as in Prometheus' own tests: `name{label="value"} 0+10x5 _ 7 stale`.

use hostward_engine::labels::{Labels, NAME};
use hostward_engine::promql::source::{Point, Selector, Source};
use std::sync::Arc;

/// Times and values of one series; no value marks where it ended.
type Line = Vec<(i64, Option<f64>)>;

/// Series with their points.
#[derive(Default)]
pub struct Drawn(Vec<(Arc<Labels>, Line)>);

impl Drawn {
    /// One series a line, the first value at time 0, then one each `step_ms`.
    pub fn new(step_ms: i64, text: &str) -> Self {
        Drawn::default().and(step_ms, text)
    }

    /// More series, with another step.
    pub fn and(mut self, step_ms: i64, text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        self.0.extend(lines.map(|line| series(step_ms, line)));
        self
    }
}

fn series(step_ms: i64, line: &str) -> (Arc<Labels>, Line) {
    let head = if line.contains('{') { line.rfind('}').unwrap() + 1 } else { line.find(' ').unwrap() };
    let (name, values) = line.split_at(head);
    let mut points = Vec::new();
    let mut at_ms = 0;
    for word in values.split_whitespace() {
        for value in expand(word) {
            points.extend(value.map(|value| (at_ms, value)));
            at_ms += step_ms;
        }
    }
    (Arc::new(labels(name)), points)
}

/// Nothing for `_`, an end for `stale`, else a value.
fn expand(word: &str) -> Vec<Option<Option<f64>>> {
    let (body, times) = match word.rsplit_once('x') {
        Some((body, times)) => (body, times.parse::<usize>().unwrap()),
        None => (word, 0),
    };
    if body == "_" {
        return vec![None; times.max(1)];
    }
    if body == "stale" {
        return vec![Some(None); times.max(1)];
    }
    let sign =
        body.char_indices().skip(1).find(|(at, c)| "+-".contains(*c) && !body[..*at].ends_with(['e', 'E']));
    let (start, step) = sign.map_or((body, "0"), |(at, _)| body.split_at(at));
    let (start, step): (f64, f64) = (start.parse().unwrap(), step.parse().unwrap());
    (0..=times).map(|index| Some(Some(start + step * index as f64))).collect()
}

/// `name{label="value"}` as labels.
pub fn labels(text: &str) -> Labels {
    let (name, rest) = text.trim().split_once('{').unwrap_or((text.trim(), ""));
    let pairs = rest.trim_end_matches('}').split("\",").filter(|pair| !pair.trim().is_empty());
    let pair = |pair: &str| {
        let (label, value) = pair.split_once('=').unwrap();
        (label.trim().to_owned(), value.trim_matches('"').replace("\\\"", "\""))
    };
    Labels::new(pairs.map(pair).chain([(NAME.to_owned(), name.to_owned())]))
}

impl Source for Drawn {
    fn instant(&self, selector: &Selector, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, f64)> {
        let chosen = self.0.iter().filter(|(labels, _)| selector.matches(labels));
        let latest = |points: &[(i64, Option<f64>)]| {
            points.iter().rev().find(|(time, _)| *time <= at_ms && *time > at_ms - lookback_ms)?.1
        };
        chosen.filter_map(|(labels, points)| Some((labels.clone(), latest(points)?))).collect()
    }

    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let chosen = self.0.iter().filter(|(labels, _)| selector.matches(labels));
        let inside = |(time, value): &(i64, Option<f64>)| {
            value.filter(|_| *time > from_ms && *time <= to_ms).map(|value| Point { at_ms: *time, value })
        };
        let points =
            chosen.map(|(labels, points)| (labels.clone(), points.iter().filter_map(inside).collect()));
        points.filter(|(_, points): &(_, Vec<Point>)| !points.is_empty()).collect()
    }
}
