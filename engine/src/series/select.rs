//! The table as the evaluator sees it.

use super::{Series, Table};
use crate::history::{Column, Tail, Timeline};
use crate::labels::Labels;
use crate::promql::source::{Point, Selector, Source};
use std::ops::Range;
use std::sync::Arc;

/// Values that are held as plain numbers for rules: 1 MiB. Beyond that windows are decompressed each time.
const TAILED_MAX: usize = 128 << 10;

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
        let mut look = Look::default();
        for series in self.all_of(&self.select(selector)) {
            if look.probe != Some(series.probe) {
                look = self.look(series.probe, from_ms, to_ms);
            }
            points.clear();
            self.read(series, &look, &mut points);
            if !points.is_empty() {
                visit(&series.labels, &points);
            }
        }
    }
}

/// A stretch of time in the ticks of a probe.
#[derive(Clone, Debug, Default)]
struct Look {
    probe: Option<u16>,
    ticks: Range<u64>,
    minutes: Range<u64>,
}

impl Table {
    /// The slots of the series that a selector asks for, in order.
    pub fn select(&self, selector: &Selector) -> Arc<[u32]> {
        let changed = match &selector.name {
            Some(name) => self.by_name.get(name).map_or(0, |named| named.changed),
            None => self.changes,
        };
        self.selections.get(selector, changed, || self.matching(selector).collect())
    }

    fn matching(&self, selector: &Selector) -> impl Iterator<Item = u32> {
        let named = selector.name.as_ref().map(|name| self.named(name).iter().copied());
        let all = named.is_none().then(|| 0..self.slots());
        let slots = named.into_iter().flatten().chain(all.into_iter().flatten());
        slots.filter(|slot| self.get(*slot).is_some_and(|series| selector.matches(&series.labels)))
    }

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
        let points = self.points_or_ends(series, at_ms.saturating_sub(lookback_ms), at_ms);
        points.last().copied().filter(|last| !last.is_end())
    }

    /// The samples of a series in `(from_ms, to_ms]`.
    pub fn points(&self, series: &Series, from_ms: i64, to_ms: i64) -> Vec<Point> {
        let mut points = self.points_or_ends(series, from_ms, to_ms);
        points.retain(|point| !point.is_end());
        points
    }

    /// One sample a minute of a series in `(from_ms, to_ms]`.
    pub fn minute_points(&self, series: &Series, from_ms: i64, to_ms: i64) -> Vec<Point> {
        let minutes = self.look(series.probe, from_ms, to_ms).minutes;
        let points = line_points(&series.minutes, &self.probe(series.probe).minutes, minutes);
        points.filter(|point| !point.is_end()).collect()
    }

    fn points_or_ends(&self, series: &Series, from_ms: i64, to_ms: i64) -> Vec<Point> {
        let mut points = Vec::new();
        self.read(series, &self.look(series.probe, from_ms, to_ms), &mut points);
        points
    }

    fn look(&self, probe: u16, from_ms: i64, to_ms: i64) -> Look {
        let ticks = |line: &Timeline| line.after(from_ms)..line.after(to_ms);
        let own = self.probe(probe);
        Look { probe: Some(probe), ticks: ticks(&own.raw), minutes: ticks(&own.minutes) }
    }

    /// Every sample where they reach back far enough; else one a minute over the whole stretch, and the last sample:
    /// functions that weigh points alike must not see two densities.
    fn read(&self, series: &Series, look: &Look, points: &mut Vec<Point>) {
        let probe = self.probe(series.probe);
        let reach_ms = series.raw.first().and_then(|tick| probe.raw.at(tick)).unwrap_or(i64::MAX);
        let first = series.minutes.first_in(look.minutes.start, look.minutes.end);
        if first.and_then(|tick| probe.minutes.at(tick)).is_none_or(|first_ms| first_ms >= reach_ms) {
            return self.read_all(series, &look.ticks, points);
        }
        let last = series.raw.last_in(look.ticks.start, look.ticks.end);
        let last_ms = last.and_then(|tick| probe.raw.at(tick)).unwrap_or(i64::MAX);
        let minutes = line_points(&series.minutes, &probe.minutes, look.minutes.clone());
        points.extend(minutes.take_while(|point| point.at_ms < last_ms));
        points.extend(last.into_iter().flat_map(|tick| line_points(&series.raw, &probe.raw, tick..tick + 1)));
    }

    fn read_all(&self, series: &Series, ticks: &Range<u64>, points: &mut Vec<Point>) {
        let line = &self.probe(series.probe).raw;
        let at = |tick, value| Some(Point { at_ms: line.at(tick)?, value });
        if series.tail.read(ticks, points, at) {
            return;
        }
        points.extend(line_points(&series.raw, line, ticks.clone()));
        if let Some(wanted) = Tail::wants(ticks)
            && ticks.end == line.end()
            && self.tailed.get() < TAILED_MAX
            && series.raw.first_in(wanted.start, wanted.end) == Some(wanted.start)
        {
            let values = series.raw.range(wanted.start, wanted.end);
            self.tailed.set(self.tailed.get() + series.tail.fill(wanted, values));
        }
    }
}

fn line_points<'a>(
    column: &'a Column,
    line: &'a Timeline,
    ticks: Range<u64>,
) -> impl Iterator<Item = Point> + use<'a> {
    let values = column.range(ticks.start, ticks.end);
    values.filter_map(move |(tick, value)| Some(Point { at_ms: line.at(tick)?, value }))
}
