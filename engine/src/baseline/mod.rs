//! What is usual for one series, learnt from its own past in one pass and bounded memory.
//!
//! This is the seam behind which the mathematics may change: [`Baseline::observe`] is told a time and a value
//! and says what it expected, how far off the value is, and learns from it.

mod hours;
mod level;

use hours::Hours;
use level::Level;
use serde::{Deserialize, Serialize};

/// Values after which the baseline has an opinion.
const SAMPLES_MIN: u32 = 12;

/// A model of one series: a robust level that follows slowly, and the usual course of a day once that is known
/// to predict better.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Baseline {
    level: Level,
    hours: Hours,
    seen: u32,
    at_ms: i64,
}

/// A value beside what was expected of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// What the baseline expected.
    pub expected: f64,
    /// How far values usually are from it: the mean absolute deviation, never zero.
    pub scale: f64,
    /// How far this one is, in units of `scale`; never negative.
    pub surprise: f64,
}

impl Baseline {
    /// Judges a value by what was learnt before it, then learns from it. Times are on the wall clock, because a
    /// host's day is; a value that is not finite is passed over.
    pub fn observe(&mut self, at_ms: i64, value: f64) -> Option<Residual> {
        if !value.is_finite() {
            return None;
        }
        let residual = self.residual(at_ms, value);
        let passed_ms = if self.at_ms == 0 { 0 } else { (at_ms - self.at_ms).clamp(0, level::MEMORY_MS) };
        self.at_ms = at_ms;
        self.seen = self.seen.saturating_add(1);
        self.hours.learn(at_ms, value, passed_ms);
        self.level.learn(value, passed_ms, self.seen);
        residual
    }

    /// The value beside what is expected now, without learning.
    pub fn residual(&self, at_ms: i64, value: f64) -> Option<Residual> {
        if self.seen < SAMPLES_MIN || !value.is_finite() {
            return None;
        }
        let (expected, scale) = self
            .hours
            .expected(at_ms)
            .filter(|(_, scale)| *scale < self.level.scale())
            .unwrap_or((self.level.centre(), self.level.scale()));
        let scale = scale + floor(expected);
        Some(Residual { expected, scale, surprise: (value - expected).abs() / scale })
    }
}

/// A series that never moved has no scale; a hundredth of its value is then a small step.
fn floor(expected: f64) -> f64 {
    0.01 * expected.abs() + 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(values: impl IntoIterator<Item = f64>) -> Baseline {
        let mut baseline = Baseline::default();
        for (index, value) in values.into_iter().enumerate() {
            baseline.observe(index as i64 * 60_000 + 1, value);
        }
        baseline
    }

    #[test]
    fn fifteen_values_are_enough_to_notice_a_burst() {
        let baseline = learnt([6.0, 5.0, 7.0, 6.0, 6.0, 8.0, 5.0, 6.0, 7.0, 5.0, 6.0, 6.0, 4.0, 7.0, 6.0]);
        let burst = baseline.residual(15 * 60_000, 150.0).unwrap();
        assert!((5.0..7.0).contains(&burst.expected), "{burst:?}");
        assert!(burst.surprise > 50.0, "{burst:?}");
        assert!(baseline.residual(15 * 60_000, 7.0).unwrap().surprise < 3.0);
    }

    #[test]
    fn one_outlier_teaches_little() {
        let mut baseline = learnt((0..100).map(|step| f64::from(step % 5)));
        let before = baseline.residual(0, 2.0).unwrap();
        baseline.observe(101 * 60_000, 1e9);
        let after = baseline.residual(0, 2.0).unwrap();
        assert!((after.expected - before.expected).abs() < 1.0, "{before:?} {after:?}");
    }

    #[test]
    fn the_hour_of_the_day_is_learnt() {
        let day = |minute: i64| if minute / 60 % 24 < 8 { 100.0 } else { 10.0 } + (minute % 7) as f64;
        let mut baseline = Baseline::default();
        for minute in 0..4 * 1440 {
            baseline.observe(minute * 60_000, day(minute));
        }
        let morning = baseline.residual((4 * 1440 + 30) * 60_000, 100.0).unwrap();
        assert!(morning.surprise < 4.0, "{morning:?}");
        let evening = baseline.residual((4 * 1440 + 20 * 60) * 60_000, 100.0).unwrap();
        assert!(evening.surprise > 20.0, "{evening:?}");
    }
}
