//! A copy of what memory holds of some series, to be looked at on another thread.
//!
//! The columns stay compressed, so that it takes microseconds to make and little memory to keep. What lies on disk is
//! put before it by [`Excerpt::join`].

use crate::archive::thin;
use crate::history::{Column, Timeline};
use crate::labels::Labels;
use crate::promql::source::{Point, Selector};
use crate::series::Series;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where samples on disk and those of each minute in memory meet, they may be so far apart.
const MINUTE_MS: i64 = 60_000;

/// Series by their labels, with their points.
pub type Found = BTreeMap<Arc<Labels>, Vec<Point>>;

/// The copy.
#[derive(Clone, Debug, Default)]
pub struct Excerpt {
    /// By the number of the probe; only of those that have series in it.
    pub(crate) lines: BTreeMap<u16, Lines>,
    pub(crate) series: Vec<Strand>,
    pub(crate) recorded: Vec<(Arc<Labels>, Vec<Point>)>,
    /// What the engine says now of anomalies and incidents, which has no past.
    pub(crate) made: Vec<(Arc<Labels>, f64)>,
    /// From here on all that there was is in memory; nothing before the first sample.
    pub(crate) whole_since_ms: Option<i64>,
}

/// Times of a probe's runs.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    pub(crate) raw: Timeline,
    pub(crate) minutes: Timeline,
}

/// One series.
#[derive(Clone, Debug)]
pub(crate) struct Strand {
    labels: Arc<Labels>,
    probe: u16,
    raw: Column,
    minutes: Column,
}

impl Strand {
    pub(crate) fn of(series: &Series) -> Self {
        let (raw, minutes) = (series.raw.clone(), series.minutes.clone());
        Strand { labels: series.labels.clone(), probe: series.probe, raw, minutes }
    }
}

impl Excerpt {
    /// Whether nothing of the time after `from_ms` is on disk alone.
    pub fn is_whole_since(&self, from_ms: i64) -> bool {
        self.whole_since_ms.is_some_and(|since_ms| since_ms <= from_ms)
    }

    /// What the engine says now.
    pub fn made<'a>(&'a self, selector: &'a Selector) -> impl Iterator<Item = (Arc<Labels>, f64)> + 'a {
        self.made.iter().filter(|(labels, _)| selector.matches(labels)).cloned()
    }

    /// The selected series in `(from_ms, to_ms]`, behind what older storage has of them.
    pub fn join(&self, selector: &Selector, from_ms: i64, to_ms: i64, mut older: Found) -> Found {
        for strand in self.series.iter().filter(|strand| selector.matches(&strand.labels)) {
            let before = older.remove(&strand.labels).unwrap_or_default();
            let points = self.points(strand, from_ms, to_ms, before);
            older.insert(strand.labels.clone(), points);
        }
        for (labels, points) in self.recorded.iter().filter(|(labels, _)| selector.matches(labels)) {
            let before = older.entry(labels.clone()).or_default();
            let since_ms = points.first().map_or(i64::MAX, |first| first.at_ms);
            before.retain(|point| point.at_ms < since_ms);
            before.extend(points.iter().filter(|point| (from_ms + 1..=to_ms).contains(&point.at_ms)));
        }
        older.retain(|_, points| !points.is_empty());
        older
    }

    /// Every sample where memory has them all. Else functions that weigh points alike must not see two densities: one
    /// sample for each slot where the disk has the past, one a minute and the last where nothing else has.
    fn points(&self, strand: &Strand, from_ms: i64, to_ms: i64, mut before: Vec<Point>) -> Vec<Point> {
        let Some(lines) = self.lines.get(&strand.probe) else { return before };
        let mut raw = points(&strand.raw, &lines.raw, from_ms, to_ms);
        let reach_ms = strand.raw.first().and_then(|tick| lines.raw.at(tick)).unwrap_or(i64::MAX);
        if reach_ms <= from_ms {
            return raw;
        }
        before.retain(|point| point.at_ms < reach_ms);
        let has_past = !before.is_empty();
        let after_ms = before.last().map_or(i64::MIN, |last| last.at_ms.saturating_add(MINUTE_MS));
        let minutes = points(&strand.minutes, &lines.minutes, from_ms, to_ms);
        let is_sparse = !has_past && minutes.first().is_some_and(|first| first.at_ms < reach_ms);
        let until_ms = match (is_sparse, raw.last()) {
            (true, last) => last.map_or(i64::MAX, |last| last.at_ms),
            (false, _) => reach_ms,
        };
        before.extend(minutes.iter().filter(|point| point.at_ms > after_ms && point.at_ms < until_ms));
        if is_sparse {
            raw.drain(..raw.len().saturating_sub(1));
        } else if has_past {
            thin(&mut raw);
        }
        before.append(&mut raw);
        before
    }
}

fn points(column: &Column, line: &Timeline, from_ms: i64, to_ms: i64) -> Vec<Point> {
    let values = column.range(line.after(from_ms), line.after(to_ms));
    values.filter_map(|(tick, value)| Some(Point { at_ms: line.at(tick)?, value })).collect()
}
