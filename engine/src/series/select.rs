//! The table as the evaluator sees it.

use super::{Series, Table};
use crate::history::{Column, Timeline};
use crate::labels::Labels;
use crate::promql::source::{Point, Selector, Source};
use std::sync::Arc;

impl Source for Table {
    fn instant(&self, selector: &Selector, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, Point)> {
        let point = |series: &Series| self.point_at(series, at_ms, lookback_ms);
        self.select(selector).filter_map(|series| Some((series.labels.clone(), point(series)?))).collect()
    }

    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let points = |series: &Series| {
            (series.labels.clone(), self.points_or_ends(series, from_ms, to_ms).collect::<Vec<_>>())
        };
        self.select(selector).map(points).filter(|(_, points)| !points.is_empty()).collect()
    }
}

impl Table {
    /// The series that a selector asks for, by its name's index where it gives one.
    pub fn select(&self, selector: &Selector) -> impl Iterator<Item = &Series> {
        let named = selector.name.as_ref().map(|name| self.named(name).iter().copied());
        let all = named.is_none().then(|| 0..self.slots());
        let slots = named.into_iter().flatten().chain(all.into_iter().flatten());
        slots.filter_map(|slot| self.get(slot)).filter(|series| selector.matches(&series.labels))
    }

    fn point_at(&self, series: &Series, at_ms: i64, lookback_ms: i64) -> Option<Point> {
        let line = &self.probe(series.probe).raw;
        if let Some((tick, value)) = series.latest {
            let time_ms = line.at(tick)?;
            if time_ms <= at_ms {
                return (time_ms > at_ms - lookback_ms).then_some(Point { at_ms: time_ms, value });
            }
        }
        self.points_or_ends(series, at_ms - lookback_ms, at_ms).last().filter(|last| !last.is_end())
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
        let raw = points(&series.raw, &probe.raw, from_ms, to_ms);
        let minutes = points(&series.minutes, &probe.minutes, from_ms, to_ms);
        let reach_ms = series.raw.first().and_then(|tick| probe.raw.at(tick)).unwrap_or(i64::MAX);
        let is_old = minutes.clone().next().is_some_and(|point| point.at_ms < reach_ms);
        let last = if is_old { raw.clone().last() } else { None };
        let after_ms = last.map_or(i64::MAX, |point| point.at_ms);
        let sparse = minutes.take_while(move |point| is_old && point.at_ms < after_ms);
        sparse.chain(raw.filter(move |point| !is_old || point.at_ms == after_ms))
    }
}

fn points<'a>(
    column: &'a Column,
    line: &'a Timeline,
    from_ms: i64,
    to_ms: i64,
) -> impl Iterator<Item = Point> + Clone + use<'a> {
    let values = column.range(line.after(from_ms), line.after(to_ms));
    values.filter_map(|(tick, value)| Some(Point { at_ms: line.at(tick)?, value }))
}
