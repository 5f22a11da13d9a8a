//! The table as the evaluator sees it.

use super::{Series, Table};
use crate::history::{Column, Timeline};
use crate::labels::Labels;
use crate::promql::source::{Point, Selector, Source};
use std::ops::Range;
use std::sync::Arc;

impl Source for Table {
    fn instant(&self, selector: &Selector, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, Point)> {
        let point = |series: &Series| self.point_at(series, at_ms, lookback_ms);
        let selected = self.select(selector);
        self.all_of(&selected).filter_map(|series| Some((series.labels.clone(), point(series)?))).collect()
    }

    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let mut found = Vec::new();
        self.each(selector, from_ms, to_ms, &mut |labels, points| {
            found.push((labels.clone(), points.to_vec()));
        });
        found
    }

    fn each(
        &self,
        selector: &Selector,
        from_ms: i64,
        to_ms: i64,
        visit: &mut dyn FnMut(&Arc<Labels>, &[Point]),
    ) {
        let mut points = Vec::new();
        for series in self.all_of(&self.select(selector)) {
            points.clear();
            points.extend(self.points_or_ends(series, from_ms, to_ms));
            if !points.is_empty() {
                visit(&series.labels, &points);
            }
        }
    }
}

impl Table {
    /// The series in some slots.
    pub fn all_of(&self, slots: &[u32]) -> impl Iterator<Item = &Series> {
        slots.iter().filter_map(|slot| self.get(*slot))
    }

    fn point_at(&self, series: &Series, at_ms: i64, lookback_ms: i64) -> Option<Point> {
        let line = &self.probe(series.probe).raw;
        if let Some((tick, value)) = series.latest {
            let time_ms = line.at(tick)?;
            if time_ms <= at_ms {
                return (time_ms > at_ms.saturating_sub(lookback_ms))
                    .then_some(Point { at_ms: time_ms, value });
            }
        }
        self.points_or_ends(series, at_ms.saturating_sub(lookback_ms), at_ms)
            .last()
            .filter(|last| !last.is_end())
    }

    /// The samples of a series in `(from_ms, to_ms]`.
    pub fn points(&self, series: &Series, from_ms: i64, to_ms: i64) -> Vec<Point> {
        self.points_or_ends(series, from_ms, to_ms).filter(|point| !point.is_end()).collect()
    }

    /// Every sample where they reach back far enough; else one a minute over the whole range, and the last sample:
    /// functions that weigh points alike must not see two densities.
    fn points_or_ends<'a>(
        &'a self,
        series: &'a Series,
        from_ms: i64,
        to_ms: i64,
    ) -> impl Iterator<Item = Point> + use<'a> {
        let probe = self.probe(series.probe);
        let (raw, minutes) = (Tier(&series.raw, &probe.raw), Tier(&series.minutes, &probe.minutes));
        let mut ticks = raw.ticks(from_ms, to_ms);
        let mut sparse = minutes.ticks(from_ms, to_ms);
        let reach_ms = series.raw.first().and_then(|tick| probe.raw.at(tick)).unwrap_or(i64::MAX);
        if minutes.first(&sparse).is_some_and(|first_ms| first_ms < reach_ms) {
            let last = series.raw.last_in(ticks.start, ticks.end);
            ticks.start = last.unwrap_or(ticks.end);
            if let Some(last_ms) = last.and_then(|tick| probe.raw.at(tick)) {
                sparse.end = sparse.end.min(probe.minutes.after(last_ms.saturating_sub(1)));
            }
        } else {
            sparse.end = sparse.start;
        }
        minutes.points(sparse).chain(raw.points(ticks))
    }
}

/// The samples of a series and when they were.
#[derive(Clone, Copy)]
struct Tier<'a>(&'a Column, &'a Timeline);

impl<'a> Tier<'a> {
    fn ticks(self, from_ms: i64, to_ms: i64) -> Range<u64> {
        self.1.after(from_ms)..self.1.after(to_ms)
    }

    fn first(self, ticks: &Range<u64>) -> Option<i64> {
        self.0.first_in(ticks.start, ticks.end).and_then(|tick| self.1.at(tick))
    }

    fn points(self, ticks: Range<u64>) -> impl Iterator<Item = Point> + use<'a> {
        let values = self.0.range(ticks.start, ticks.end);
        values.filter_map(move |(tick, value)| Some(Point { at_ms: self.1.at(tick)?, value }))
    }
}
