//! What a detector expects and how far it has come, without a value to judge.

use super::{Detector, SEEN_MIN};
use crate::anomaly::{Maturity, Stage};
use crate::baseline::Usual;

/// The day is known from this share of it on.
const KNOWN_MIN: f64 = 0.5;

/// What is expected, as a distance from the first value, and half of the band around it.
#[derive(Clone, Copy, Debug)]
pub struct Expectation {
    /// The middle.
    pub y: f64,
    /// From there to each end.
    pub half: f64,
}

impl Detector {
    /// What is usual at a time: lower and upper end.
    pub fn expected_at(&self, at_ms: i64) -> Option<(f64, f64)> {
        if self.seen <= SEEN_MIN {
            return None;
        }
        Some(self.band(self.expectation(self.usual(at_ms))).1)
    }

    /// While it waits whether a level that was left comes back: since when, that level, and where the series is now.
    pub fn leaving(&self) -> Option<(i64, f64, f64)> {
        let (at_ms, level) = self.lasting.left()?;
        Some((at_ms, self.origin + level, self.origin + self.recent.mean()))
    }

    /// How far the learning has come.
    pub fn maturity(&self) -> Maturity {
        let seen = self.seen.saturating_add(self.pending);
        let day = self.season.known();
        let stage = match (seen, day) {
            (..=SEEN_MIN, _) => Stage::Learning,
            (_, KNOWN_MIN..) if self.season.knows_week() => Stage::Week,
            (_, KNOWN_MIN..) => Stage::Day,
            _ => Stage::Level,
        };
        Maturity { seen, since_ms: self.since_ms, stage, day, surest: self.tail.surest() }
    }

    /// What is expected, and how far from it values usually are.
    pub(super) fn expectation(&self, usual: Option<Usual>) -> Expectation {
        let (y, deviation) = match usual.zip(self.deviation.seasonal()) {
            Some((usual, spread)) => (usual.mean + spread.centre(), spread.deviation().max(usual.deviation)),
            None => {
                let spread = self.deviation.level();
                (self.recent.mean() + spread.centre(), spread.deviation())
            }
        };
        Expectation { y, half: self.tail.edge() * deviation }
    }

    /// An expectation as people read it: what was never below zero is not expected there.
    pub(super) fn band(&self, expectation: Expectation) -> (f64, (f64, f64)) {
        let least = if self.negative { f64::MIN } else { 0.0 };
        let expected = (self.origin + expectation.y).max(least);
        let (low, high) = (expected - expectation.half, expected + expectation.half);
        (expected, (low.max(least), high))
    }
}
