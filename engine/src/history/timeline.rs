//! When each tick of a probe was, on the clock as it stands now.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The times of a probe's runs; tick numbers only grow.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Timeline {
    first: u64,
    stamps: VecDeque<i64>,
}

impl Timeline {
    /// Adds a run and returns its tick; a time that is not later than the last is taken as just after it.
    pub fn push(&mut self, at_ms: i64) -> u64 {
        let at_ms = self.last().map_or(at_ms, |last| at_ms.max(last + 1));
        self.stamps.push_back(at_ms);
        self.end() - 1
    }

    /// Time of the last run.
    pub fn last(&self) -> Option<i64> {
        self.stamps.back().copied()
    }

    /// The first tick that is remembered.
    pub fn start(&self) -> u64 {
        self.first
    }

    /// Its time.
    pub fn first(&self) -> Option<i64> {
        self.stamps.front().copied()
    }

    /// The tick after the last.
    pub fn end(&self) -> u64 {
        self.first + self.stamps.len() as u64
    }

    /// Time of a tick that is still remembered.
    pub fn at(&self, tick: u64) -> Option<i64> {
        self.stamps.get(tick.checked_sub(self.first)? as usize).copied()
    }

    /// The first tick later than `at_ms`.
    pub fn after(&self, at_ms: i64) -> u64 {
        self.first + self.stamps.partition_point(|stamp| *stamp <= at_ms) as u64
    }

    /// Moves all times: somebody set the clock, and "five minutes ago" must still mean that.
    pub fn shift(&mut self, by_ms: i64) {
        self.stamps.iter_mut().for_each(|stamp| *stamp += by_ms);
    }

    /// Forgets ticks before `tick`.
    pub fn drop_before(&mut self, tick: u64) {
        while self.first < tick && self.stamps.pop_front().is_some() {
            self.first += 1;
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.stamps.len() * size_of::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back() {
        let mut line = Timeline::default();
        assert_eq!([line.push(1000), line.push(2000), line.push(500)], [0, 1, 2]);
        assert_eq!(line.at(2), Some(2001));
        assert_eq!((line.after(999), line.after(1000), line.after(9999)), (0, 1, 3));
        line.drop_before(1);
        assert_eq!((line.at(0), line.at(1), line.end()), (None, Some(2000), 3));
        line.shift(-1500);
        assert_eq!(line.at(1), Some(500));
    }
}
