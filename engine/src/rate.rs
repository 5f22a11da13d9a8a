//! From a counter's values to a rate, with resets and gaps known.

use serde::{Deserialize, Serialize};

/// A gap longer than so many of the last intervals breaks the rate: nobody knows what happened in between.
const GAP_INTERVALS: u64 = 4;

/// The last value of a counter and when it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    value: f64,
    at_ms: u64,
    interval_ms: u64,
    latest: Option<f64>,
}

impl Rate {
    /// The rate per second when last observed.
    pub fn latest(&self) -> Option<f64> {
        self.latest
    }

    /// Takes the next value and gives the rate per second since the last one.
    ///
    /// Nothing for the first value, after a gap, or without passed time, nor for a counter that went down: it started again
    /// at zero, and nobody knows what it had counted before that.
    pub fn observe(&mut self, value: f64, mono_ms: u64) -> Option<f64> {
        self.latest = self.step(value, mono_ms);
        self.latest
    }

    /// Moves the time of the last value to another boot's clock.
    pub fn rebase(&mut self, by_ms: i64) {
        self.at_ms = self.at_ms.saturating_add_signed(by_ms);
    }

    fn step(&mut self, value: f64, mono_ms: u64) -> Option<f64> {
        let before = std::mem::replace(self, Rate { value, at_ms: mono_ms, ..*self });
        let passed = mono_ms.checked_sub(before.at_ms).filter(|passed| *passed > 0 && before.at_ms > 0)?;
        self.interval_ms = passed;
        if before.interval_ms > 0 && passed > GAP_INTERVALS.saturating_mul(before.interval_ms) {
            return None;
        }
        let grown = value - before.value;
        Some(grown * 1000.0 / passed as f64).filter(|rate| grown >= 0.0 && rate.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn resets_and_gaps_are_known() {
        let mut rate = Rate::default();
        let seen: Vec<_> = [(100.0, 1), (110.0, 2), (5.0, 3), (25.0, 5), (1000.0, 60), (1001.0, 61)]
            .map(|(value, second)| rate.observe(value, second * 1000))
            .into();
        assert_eq!(seen, [None, Some(10.0), None, Some(10.0), None, Some(1.0)]);
    }

    #[test]
    fn the_same_instant_twice_has_no_rate() {
        let mut rate = Rate::default();
        rate.observe(1.0, 1000);
        assert_eq!(rate.observe(2.0, 1000), None);
        assert_eq!(rate.observe(f64::NAN, 2000), None);
    }
}
