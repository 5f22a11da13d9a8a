//! Series in memory, drawn in the notation of Prometheus' own tests: `name{label="value"} 0+10x5 _ 7 stale`.
//!
//! Unit tests of rules and scripts of expressions are evaluated over them, as over any other [`Source`].

mod notation;

pub use notation::{Drawing, labels, values};

use super::source::{Point, Selector, Source};
use crate::labels::Labels;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One drawing may have so many values.
pub const VALUES_MAX: usize = 1_000_000;

/// Series that were drawn or recorded, in the order of their labels.
#[derive(Debug, Default)]
pub struct Drawn {
    series: BTreeMap<Arc<Labels>, Points>,
    met_histogram: Cell<bool>,
}

#[derive(Debug, Default)]
struct Points {
    points: Vec<Point>,
    /// Where native histograms stand, which cannot be evaluated.
    histograms_ms: Vec<i64>,
}

impl Drawn {
    /// Draws one series; the first value stands at `first_ms`.
    pub fn draw(&mut self, labels: Labels, values: &[Drawing], first_ms: i64, step_ms: i64) {
        let mut at_ms = first_ms;
        for value in values {
            match value {
                Drawing::Value(value) => self.push(labels.clone(), Point { at_ms, value: *value }),
                Drawing::Histogram => self.mark_histogram(labels.clone(), at_ms),
                Drawing::Nothing => {}
            }
            at_ms = at_ms.saturating_add(step_ms);
        }
    }

    /// Adds a point; one that is older than the series' last takes its place in time, one as old replaces it.
    pub fn push(&mut self, labels: Labels, point: Point) {
        let points = &mut self.series.entry(Arc::new(labels)).or_default().points;
        let place = points.partition_point(|known| known.at_ms < point.at_ms);
        match points.get_mut(place) {
            Some(known) if known.at_ms == point.at_ms => *known = point,
            _ => points.insert(place, point),
        }
    }

    /// Notes that the series has a native histogram there.
    pub fn mark_histogram(&mut self, labels: Labels, at_ms: i64) {
        self.series.entry(Arc::new(labels)).or_default().histograms_ms.push(at_ms);
    }

    /// Whether a selection since the last call came upon a native histogram.
    pub fn met_histogram(&self) -> bool {
        self.met_histogram.take()
    }

    /// All label sets.
    pub fn labels(&self) -> impl Iterator<Item = &Labels> {
        self.series.keys().map(Arc::as_ref)
    }
}

impl Source for Drawn {
    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let within = |at_ms: i64| at_ms > from_ms && at_ms <= to_ms;
        let mut found = Vec::new();
        for (labels, series) in self.series.iter().filter(|(labels, _)| selector.matches(labels)) {
            if series.histograms_ms.iter().any(|at_ms| within(*at_ms)) {
                self.met_histogram.set(true);
            }
            let begin = series.points.partition_point(|point| point.at_ms <= from_ms);
            let end = series.points.partition_point(|point| point.at_ms <= to_ms);
            if begin < end {
                found.push((labels.clone(), series.points[begin..end].to_vec()));
            }
        }
        found
    }
}
