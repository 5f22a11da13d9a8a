//! What memory holds and the disk does not yet: copies of compressed columns, cheap to take, and made a block elsewhere.

use super::{Builder, Strip, slot, slot_start_ms, window};
use crate::history::Column;
use crate::labels::Labels;
use crate::promql::LOOKBACK_MS;
use crate::promql::source::Point;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

/// Name of the line of what rules recorded; no probe is called so.
const RECORDED: &str = "(rules)";

/// How far samples have been taken: up to which tick of each probe, and up to when of what rules recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// By the number of the probe.
    pub ticks: Vec<u64>,
    /// Wall clock; what is recorded does not move when the clock is set.
    pub recorded_ms: i64,
}

/// The ticks of a probe that are new.
#[derive(Clone, Debug)]
pub struct Ticks {
    /// Name of the probe.
    pub name: String,
    /// Number of the first.
    pub first: u64,
    /// When they were.
    pub at_ms: Vec<i64>,
}

/// Samples that are not on disk.
#[derive(Clone, Debug, Default)]
pub struct Fresh {
    /// By the number of the probe.
    pub probes: Vec<Ticks>,
    /// Labels, number of the probe, and the chunks that have something new.
    pub series: Vec<(Arc<Labels>, u16, Column)>,
    /// What rules recorded.
    pub recorded: Vec<(Arc<Labels>, Vec<Point>)>,
    /// How far this goes.
    pub mark: Mark,
}

/// Times of a line, the last of each slot, and the slots.
struct Slots {
    at_ms: Vec<i64>,
    slots: Vec<i64>,
}

impl Slots {
    fn of(times: impl Iterator<Item = i64>) -> Self {
        let (mut at_ms, mut slots) = (Vec::<i64>::new(), Vec::<i64>::new());
        for time in times {
            match (slots.last(), at_ms.last_mut()) {
                (Some(last), Some(at)) if *last == slot(time) => *at = time,
                _ => {
                    at_ms.push(time);
                    slots.push(slot(time));
                }
            }
        }
        Slots { at_ms, slots }
    }

    /// The samples of a series, the last of each slot.
    fn strip(&self, points: impl Iterator<Item = Point>) -> Strip {
        let mut strip = Strip::default();
        let mut open: Option<(u32, f64)> = None;
        for point in points {
            let Ok(place) = self.slots.binary_search(&slot(point.at_ms)) else { continue };
            if let Some((last, value)) = open.filter(|(last, _)| *last != place as u32) {
                strip.push(last, value);
            }
            open = Some((place as u32, point.value));
        }
        open.into_iter().for_each(|(place, value)| strip.push(place, value));
        strip
    }
}

impl Fresh {
    /// Whether there is nothing new.
    pub fn is_empty(&self) -> bool {
        self.probes.iter().all(|probe| probe.at_ms.is_empty()) && self.recorded.is_empty()
    }

    /// The stretches of time in which something was seen, cut at multiples of `window_ms`.
    pub fn spans(&self, window_ms: i64) -> Vec<(i64, i64)> {
        let recorded = self.recorded.iter().flat_map(|(_, points)| points.iter().map(|point| point.at_ms));
        let ticks = self.probes.iter().flat_map(|probe| probe.at_ms.iter().copied());
        let mut slots: Vec<i64> = ticks.chain(recorded).map(slot).collect();
        slots.sort_unstable();
        slots.dedup();
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for slot in slots {
            let (from_ms, to_ms) = (slot_start_ms(slot), slot_start_ms(slot + 1));
            match spans.last_mut() {
                Some((begin_ms, end_ms))
                    if from_ms - *end_ms <= LOOKBACK_MS
                        && window(*begin_ms, window_ms) == window(from_ms, window_ms) =>
                {
                    *end_ms = to_ms;
                }
                _ => spans.push((from_ms, to_ms)),
            }
        }
        spans
    }

    /// Writes what lies in one of the spans as a block; gives its size, too.
    pub fn write<W: Write>(&self, span: (i64, i64), out: W) -> io::Result<(W, u64)> {
        let mut builder = Builder::new(out)?;
        let mut lines = Vec::new();
        for probe in &self.probes {
            let slots = Slots::of(probe.at_ms.iter().copied().filter(|at_ms| is_in(span, *at_ms)));
            let number =
                if slots.at_ms.is_empty() { None } else { Some(builder.line(&probe.name, &slots.at_ms)?) };
            lines.push((number, slots));
        }
        let recorded = self.recorded_slots(span);
        let recorded_line = match recorded.at_ms.is_empty() {
            true => None,
            false => Some(builder.line(RECORDED, &recorded.at_ms)?),
        };
        let mut order: BTreeMap<&Labels, Vec<(u32, Strip)>> = BTreeMap::new();
        for (labels, points) in &self.recorded {
            let strip = recorded.strip(points.iter().copied());
            let line = recorded_line.filter(|_| !strip.runs.is_empty());
            order.entry(labels).or_default().extend(line.map(|line| (line, strip)));
        }
        let mut own: Vec<_> = self.series.iter().collect();
        own.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        for (labels, probe, column) in own {
            // What rules recorded is little; it goes in where its labels belong.
            while let Some(entry) = order.first_entry().filter(|entry| *entry.key() <= &**labels) {
                let (labels, strips) = entry.remove_entry();
                strips.iter().try_for_each(|(line, strip)| builder.series(labels, *line, strip))?;
            }
            let (Some(line), slots) = &lines[usize::from(*probe)] else { continue };
            let strip = slots.strip(self.points(*probe, column).filter(|point| is_in(span, point.at_ms)));
            if !strip.runs.is_empty() {
                builder.series(labels, *line, &strip)?;
            }
        }
        for (labels, strips) in order {
            strips.iter().try_for_each(|(line, strip)| builder.series(labels, *line, strip))?;
        }
        builder.finish(vec![span])
    }

    fn recorded_slots(&self, span: (i64, i64)) -> Slots {
        let times = self.recorded.iter().flat_map(|(_, points)| points.iter().map(|point| point.at_ms));
        let mut times: Vec<i64> = times.filter(|at_ms| is_in(span, *at_ms)).collect();
        times.sort_unstable();
        Slots::of(times.into_iter())
    }

    fn points<'a>(&'a self, probe: u16, column: &'a Column) -> impl Iterator<Item = Point> + 'a {
        let Ticks { first, at_ms, .. } = &self.probes[usize::from(probe)];
        let first = *first;
        let samples = column.range(first, first + at_ms.len() as u64);
        samples.filter_map(move |(tick, value)| {
            Some(Point { at_ms: *at_ms.get((tick - first) as usize)?, value })
        })
    }
}

fn is_in((from_ms, to_ms): (i64, i64), at_ms: i64) -> bool {
    (from_ms..to_ms).contains(&at_ms)
}
