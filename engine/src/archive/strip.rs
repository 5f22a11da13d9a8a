//! The samples of one series along a line of times, without its holes.

use super::Damage;
use crate::history::{is_stale, stale};
use crate::promql::source::Point;
use serde::{Deserialize, Serialize};

/// Values at times that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Place of the first on the line.
    pub first: u32,
    /// How many.
    pub count: u32,
    /// Whether the series ended at the time after them.
    pub is_ended: bool,
}

/// One series: where it has values, and the values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strip {
    /// In order of time.
    pub runs: Vec<Run>,
    /// Of all runs, one after the other.
    pub values: Vec<f64>,
}

impl Strip {
    /// Adds a value, or the mark of an end, at a place after all others.
    pub fn push(&mut self, place: u32, value: f64) {
        let open = self.runs.last_mut().filter(|run| !run.is_ended && run.first + run.count == place);
        match (open, is_stale(value)) {
            (Some(run), true) => run.is_ended = true,
            (Some(run), false) => run.count += 1,
            (None, is_ended) => {
                self.runs.push(Run { first: place, count: u32::from(!is_ended), is_ended });
            }
        }
        if !is_stale(value) {
            self.values.push(value);
        }
    }

    /// The samples as places and values, marks of ends among them.
    pub fn samples(&self) -> impl Iterator<Item = (u32, f64)> {
        let mut values = self.values.iter();
        self.runs.iter().flat_map(move |run| {
            let end = run.is_ended.then(|| (run.first + run.count, stale()));
            let own = (run.first..run.first + run.count).zip(values.by_ref().copied());
            own.chain(end).collect::<Vec<_>>()
        })
    }

    /// The same at their times.
    pub fn points<'a>(&'a self, times: &'a [i64]) -> impl Iterator<Item = Point> + 'a {
        self.samples().filter_map(|(place, value)| Some(Point { at_ms: *times.get(place as usize)?, value }))
    }
}

/// How many values runs have; an error when they are not in order or do not fit on a line of so many times.
pub fn count(runs: &[Run], times: u32) -> Result<usize, Damage> {
    let mut next = 0_u64;
    for run in runs {
        let end = u64::from(run.first) + u64::from(run.count) + u64::from(run.is_ended);
        if u64::from(run.first) < next || end > u64::from(times) {
            return Err(Damage("the index is damaged: samples without times".to_owned()));
        }
        next = end;
    }
    Ok(runs.iter().map(|run| run.count as usize).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ends_and_holes_keep_their_place() {
        let mut strip = Strip::default();
        for (place, value) in
            [(0, 1.0), (1, 2.0), (2, stale()), (5, 3.0), (6, stale()), (7, 4.0), (9, stale())]
        {
            strip.push(place, value);
        }
        let run = |first, count, is_ended| Run { first, count, is_ended };
        assert_eq!(strip.runs, [run(0, 2, true), run(5, 1, true), run(7, 1, false), run(9, 0, true)]);
        assert_eq!(strip.values, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!((count(&strip.runs, 10).unwrap(), count(&strip.runs, 9).is_err()), (4, true));
    }

    proptest! {
        #[test]
        fn samples_come_back(samples in prop::collection::btree_map(0..200_u32, any::<bool>(), 0..60)) {
            let samples: Vec<(u32, f64)> =
                samples.iter().map(|(at, end)| (*at, if *end { stale() } else { f64::from(*at) })).collect();
            let mut strip = Strip::default();
            samples.iter().for_each(|(place, value)| strip.push(*place, *value));
            let bits = |(place, value): (u32, f64)| (place, value.to_bits());
            prop_assert!(strip.samples().map(bits).eq(samples.iter().copied().map(bits)));
            prop_assert_eq!(count(&strip.runs, 200).unwrap(), strip.values.len());
        }
    }
}
