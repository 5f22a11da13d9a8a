//! The usual course of a day.

use super::half::{ABSENT, half, whole};
use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};

const HOUR_MS: i64 = DAY_MS / 24;
const SPAN_MS: i64 = DAY_MS / 144;
/// Weights are whole multiples of this part of an hour.
const WHOLE: f64 = 8192.0;
/// An hour counts once so many days of it were seen.
const KNOWN: u16 = 2 * WHOLE as u16;
/// So many days are remembered.
const REMEMBERED: u16 = 7 * WHOLE as u16;

/// Means by hours (UTC), and yesterday by ten minutes.
///
/// Hours do as well as half hours, and leave room for a finer yesterday; its means have two significant digits,
/// which is enough to tell whether today is new.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Day {
    hours: [Hour; 24],
    yesterday: [[u16; 6]; 24],
    /// The ten minutes that go on: their sum, count and number since the epoch.
    sum: f64,
    count: u32,
    span: i32,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Hour {
    mean: f32,
    log_mean: f32,
    deviation: f32,
    seen: u16,
}

/// What an hour usually is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// Mean, as a distance from the first value.
    pub mean: f64,
    /// Mean of the logarithms; absent where the level is about zero.
    pub log_mean: Option<f64>,
    /// Mean distance from the mean.
    pub deviation: f64,
    /// Whether it is that of this time of the week.
    pub weekly: bool,
}

impl Default for Day {
    fn default() -> Self {
        let yesterday = [[ABSENT; 6]; 24];
        Day { hours: Default::default(), yesterday, sum: 0.0, count: 0, span: i32::MIN }
    }
}

impl Day {
    /// What is usual at this time of day, once two days of it were seen.
    pub fn usual(&self, at_ms: i64) -> Option<Usual> {
        let hour = self.hours[hour_of(at_ms)];
        let [mean, log_mean, deviation] = [hour.mean, hour.log_mean, hour.deviation].map(f64::from);
        (hour.seen >= KNOWN).then_some(Usual { mean, log_mean: Some(log_mean), deviation, weekly: false })
    }

    /// The mean of the same ten minutes yesterday.
    pub fn yesterday(&self, at_ms: i64) -> Option<f64> {
        let span = (at_ms.rem_euclid(DAY_MS) / SPAN_MS) as usize;
        whole(self.yesterday[span / 6][span % 6])
    }

    /// Share of the hours that are known.
    pub fn known(&self) -> f64 {
        self.hours.iter().filter(|hour| hour.seen >= KNOWN).count() as f64 / 24.0
    }

    /// Learns `count` values that are alike, `step_ms` apart.
    pub fn learn(&mut self, at_ms: i64, y: f64, log: f64, step_ms: f64, count: u32) {
        self.turn(at_ms);
        self.sum += y * f64::from(count);
        self.count = self.count.saturating_add(count);
        let share = (step_ms / HOUR_MS as f64).min(1.0);
        self.hours[hour_of(at_ms)].learn(y, log, share, count);
    }

    /// All of it moves by this much: a new level that is accepted.
    pub fn shift(&mut self, by: f64, log_by: f64) {
        for hour in &mut self.hours {
            hour.mean = (f64::from(hour.mean) + by) as f32;
            hour.log_mean = (f64::from(hour.log_mean) + log_by) as f32;
        }
        let moved = |mean| whole(mean).map_or(ABSENT, |mean| half(mean + by));
        self.yesterday.as_flattened_mut().iter_mut().for_each(|mean| *mean = moved(*mean));
    }

    /// What was learnt long ago weighs no more than the least that counts.
    pub fn doubt(&mut self) {
        self.hours.iter_mut().for_each(|hour| hour.seen = hour.seen.min(KNOWN));
        self.yesterday = [[ABSENT; 6]; 24];
    }

    /// Another ten minutes begin: the mean of those before is tomorrow's yesterday.
    fn turn(&mut self, at_ms: i64) {
        let span = at_ms.div_euclid(SPAN_MS).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        if span != self.span {
            let place = self.span.rem_euclid(144) as usize;
            if self.count > 0 {
                self.yesterday[place / 6][place % 6] = half(self.sum / f64::from(self.count));
            }
            (self.sum, self.count, self.span) = (0.0, 0, span);
        }
    }
}

impl Hour {
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

fn hour_of(at_ms: i64) -> usize {
    (at_ms.rem_euclid(DAY_MS) / HOUR_MS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_days_are_enough_for_each_hour_that_was_seen() {
        let mut day = Day::default();
        let minute = |minute: i64| minute * 60_000;
        for at in 0..2 * 1440 + 15 {
            day.learn(minute(at), (at / 60 % 24) as f64, 0.0, 60_000.0, 1);
        }
        let usual = day.usual(minute(9 * 60)).unwrap();
        assert!((usual.mean - 9.0).abs() < 1e-3 && usual.deviation < 1e-3, "{usual:?}");
        assert_eq!(day.yesterday(minute(9 * 60)), Some(9.0));
        assert_eq!(day.known(), 1.0);
    }

    #[test]
    fn values_that_are_alike_can_be_learnt_at_once() {
        let (mut one, mut many) = (Day::default(), Day::default());
        (0..20).for_each(|second| one.learn(second * 1000, 5.0, 1.0, 1000.0, 1));
        many.learn(0, 5.0, 1.0, 1000.0, 20);
        assert!((one.hours[0].mean - many.hours[0].mean).abs() < 1e-5);
    }
}
