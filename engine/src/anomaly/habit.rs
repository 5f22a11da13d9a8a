//! The tenth repetition of the same oddity is no news.

use crate::baseline::fading;
use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};

/// Half of what was odd is forgotten after this.
const HALF_LIFE_MS: f64 = (3 * DAY_MS) as f64;
/// Surprises so far apart are two.
const APART_MS: f64 = 30.0 * 60_000.0;
const APART_STEPS: f64 = 6.0;
/// How much one oddity before dulls the next.
const DULLING: f64 = 0.2;
/// How much each of those dulls it that came at the same time of day, one after the other: half an hour more or less,
/// and no more than eight days apart. The first is chance; so many count.
const SAME_TIME_DULLING: f64 = 0.5;
const SAME_TIME_MAX: u8 = 7;
const SAME_TIME_MINUTES: u16 = 30;
const SAME_TIME_DAYS: f64 = 8.0;
const DAY_MINUTES: u16 = 1440;
/// The surprise that counts for half an oddity.
const HALF: f64 = 5.0;

/// How odd a series has been of late.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Habit {
    load: f32,
    before: f32,
    peak: f32,
    /// When the last one began, in minutes of the day, and how many before it did at that time.
    minute: u16,
    again: u8,
    last_ms: i64,
}

impl Default for Habit {
    fn default() -> Self {
        Habit::since(0.0, 0.0, 0.0, i64::MIN)
    }
}

impl Habit {
    /// What was known of habits before times of day were.
    pub fn since(load: f32, before: f32, peak: f32, last_ms: i64) -> Self {
        Habit { load, before, peak, minute: 0, again: 0, last_ms }
    }

    /// What a surprise is worth after those of earlier episodes, and remembers it.
    pub fn dull(&mut self, at_ms: i64, surprise: f64, step_ms: f64) -> f64 {
        if surprise <= 0.0 {
            return 0.0;
        }
        let passed = at_ms.saturating_sub(self.last_ms).max(0) as f64;
        self.load = (f64::from(self.load) * fading(passed, HALF_LIFE_MS)) as f32;
        if passed > APART_MS.max(APART_STEPS * step_ms) {
            self.begin(at_ms, passed);
        }
        self.last_ms = at_ms;
        let odd = share(surprise) as f32;
        if odd > self.peak {
            self.load += odd - self.peak;
            self.peak = odd;
        }
        let again = f64::from(self.again.saturating_sub(1));
        surprise / (1.0 + DULLING * f64::from(self.before) + SAME_TIME_DULLING * again)
    }

    fn begin(&mut self, at_ms: i64, passed_ms: f64) {
        let minute = (at_ms.rem_euclid(DAY_MS) / 60_000) as u16;
        let apart = minute.abs_diff(self.minute);
        self.again = if passed_ms > SAME_TIME_DAYS * DAY_MS as f64 {
            0
        } else if apart.min(DAY_MINUTES - apart) <= SAME_TIME_MINUTES {
            self.again.saturating_add(1).min(SAME_TIME_MAX + 1)
        } else {
            self.again / 2
        };
        (self.before, self.peak, self.minute) = (self.load, 0.0, minute);
    }

    /// Whether a surprise was not longer ago than this.
    pub fn spoke_within(&self, at_ms: i64, within_ms: i64) -> bool {
        at_ms.saturating_sub(self.last_ms) <= within_ms
    }
}

/// A surprise between nothing and 1.
pub fn share(surprise: f64) -> f64 {
    surprise / (surprise + HALF)
}

#[cfg(test)]
mod tests {
    use super::Habit;

    #[test]
    fn the_same_every_night_loses_its_edge_and_regains_it_after_weeks() {
        let (mut habit, day) = (Habit::default(), 86_400_000);
        let nights: Vec<f64> = (0..10).map(|night| habit.dull(night * day, 20.0, 60_000.0)).collect();
        assert_eq!(nights[0], 20.0);
        assert!(nights[1] > 16.0 && nights[9] < 5.0, "{nights:?}");
        assert!(habit.dull(60 * day, 20.0, 60_000.0) > 19.9);
    }

    #[test]
    fn an_episode_does_not_dull_itself() {
        let mut habit = Habit::default();
        (0..30).for_each(|minute| assert_eq!(habit.dull(minute * 60_000, 9.0, 60_000.0), 9.0));
    }
}
