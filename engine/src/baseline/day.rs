//! The usual course of a day.

use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};

const HALF_HOUR_MS: i64 = DAY_MS / 48;
const QUARTER_MS: i64 = DAY_MS / 96;
/// Weights are whole multiples of this part of a day's half hour.
const WHOLE: f64 = 8192.0;
/// A half hour counts once so many days of it were seen.
const KNOWN: u16 = 2 * WHOLE as u16;
/// So many days are remembered.
const REMEMBERED: u16 = 7 * WHOLE as u16;

/// Means by half hours (UTC), and yesterday by quarters of an hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Day {
    halves: [[Half; 2]; 24],
    yesterday: [[f32; 4]; 24],
    /// The quarter that goes on: its sum, count and number since the epoch.
    sum: f64,
    count: u32,
    quarter: i32,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Half {
    mean: f32,
    log_mean: f32,
    deviation: f32,
    seen: u16,
}

/// What a half hour usually is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// Mean, as a distance from the first value.
    pub mean: f64,
    /// Mean of the logarithms.
    pub log_mean: f64,
    /// Mean distance from the mean.
    pub deviation: f64,
}

impl Default for Day {
    fn default() -> Self {
        let yesterday = [[f32::NAN; 4]; 24];
        Day { halves: Default::default(), yesterday, sum: 0.0, count: 0, quarter: i32::MIN }
    }
}

impl Day {
    /// What is usual at this time of day, once two days of it were seen.
    pub fn usual(&self, at_ms: i64) -> Option<Usual> {
        let half = self.half(at_ms);
        let [mean, log_mean, deviation] = [half.mean, half.log_mean, half.deviation].map(f64::from);
        (half.seen >= KNOWN).then_some(Usual { mean, log_mean, deviation })
    }

    /// The mean of the same quarter of an hour yesterday.
    pub fn yesterday(&self, at_ms: i64) -> Option<f64> {
        let quarter = (at_ms.rem_euclid(DAY_MS) / QUARTER_MS) as usize;
        Some(f64::from(self.yesterday[quarter / 4][quarter % 4])).filter(|mean| mean.is_finite())
    }

    /// Share of the half hours that are known, of those that values come in.
    pub fn known(&self) -> f64 {
        let halves = self.halves.as_flattened();
        let count = |least: u16| halves.iter().filter(|half| half.seen >= least).count();
        count(KNOWN) as f64 / count(1).max(24) as f64
    }

    /// Learns `count` values that are alike, `step_ms` apart.
    pub fn learn(&mut self, at_ms: i64, y: f64, log: f64, step_ms: f64, count: u32) {
        self.turn(at_ms);
        self.sum += y * f64::from(count);
        self.count += count;
        let half = &mut self.halves.as_flattened_mut()[half_of(at_ms)];
        half.learn(y, log, (step_ms / HALF_HOUR_MS as f64).min(1.0), count);
    }

    /// All of it moves by this much: a new level that is accepted.
    pub fn shift(&mut self, by: f64, log_by: f64) {
        for half in self.halves.as_flattened_mut() {
            half.mean = (f64::from(half.mean) + by) as f32;
            half.log_mean = (f64::from(half.log_mean) + log_by) as f32;
        }
        self.yesterday.as_flattened_mut().iter_mut().for_each(|mean| *mean = (f64::from(*mean) + by) as f32);
    }

    /// What was learnt long ago weighs no more than the least that counts.
    pub fn doubt(&mut self) {
        self.halves.as_flattened_mut().iter_mut().for_each(|half| half.seen = half.seen.min(KNOWN));
        self.yesterday = [[f32::NAN; 4]; 24];
    }

    /// Another quarter of an hour begins: the mean of the one before is yesterday's tomorrow.
    fn turn(&mut self, at_ms: i64) {
        let quarter = at_ms.div_euclid(QUARTER_MS).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        if quarter != self.quarter {
            let place = self.quarter.rem_euclid(96) as usize;
            if self.count > 0 {
                self.yesterday[place / 4][place % 4] = (self.sum / f64::from(self.count)) as f32;
            }
            (self.sum, self.count, self.quarter) = (0.0, 0, quarter);
        }
    }

    fn half(&self, at_ms: i64) -> &Half {
        &self.halves.as_flattened()[half_of(at_ms)]
    }
}

impl Half {
    fn learn(&mut self, y: f64, log: f64, share: f64, count: u32) {
        let weight = (share * WHOLE).ceil();
        let first = self.seen == 0;
        let old = f64::from(self.seen.min(REMEMBERED - 1));
        let sum = f64::from(count) * weight;
        self.seen = (old + sum).min(f64::from(REMEMBERED)) as u16;
        // Young, all values weigh the same; later a day weighs a seventh.
        let gain = (sum / (old + sum).min(f64::from(REMEMBERED))).min(1.0);
        let (from, log_from) = (y - f64::from(self.mean), log - f64::from(self.log_mean));
        if !first {
            self.deviation += (gain * (from.abs() - f64::from(self.deviation))) as f32;
        }
        self.mean = (f64::from(self.mean) + gain * from) as f32;
        self.log_mean = (f64::from(self.log_mean) + gain * log_from) as f32;
    }
}

fn half_of(at_ms: i64) -> usize {
    (at_ms.rem_euclid(DAY_MS) / HALF_HOUR_MS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_days_are_enough_for_each_half_hour_that_was_seen() {
        let mut day = Day::default();
        let minute = |minute: i64| minute * 60_000;
        for at in 0..2 * 1440 + 15 {
            day.learn(minute(at), (at / 30 % 48) as f64, 0.0, 60_000.0, 1);
        }
        let usual = day.usual(minute(9 * 60)).unwrap();
        assert!((usual.mean - 18.0).abs() < 1e-3 && usual.deviation < 1e-3, "{usual:?}");
        assert_eq!(day.yesterday(minute(9 * 60)), Some(18.0));
        assert_eq!(day.known(), 1.0);
    }

    #[test]
    fn values_that_are_alike_can_be_learnt_at_once() {
        let (mut one, mut many) = (Day::default(), Day::default());
        (0..20).for_each(|second| one.learn(second * 1000, 5.0, 1.0, 1000.0, 1));
        many.learn(0, 5.0, 1.0, 1000.0, 20);
        assert!((one.half(0).mean - many.half(0).mean).abs() < 1e-5);
    }
}
