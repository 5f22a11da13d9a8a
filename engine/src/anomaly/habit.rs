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
/// The surprise that counts for half an oddity.
const HALF: f64 = 5.0;

/// How odd a series has been of late.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Habit {
    load: f32,
    before: f32,
    peak: f32,
    last_ms: i64,
}

impl Default for Habit {
    fn default() -> Self {
        Habit { load: 0.0, before: 0.0, peak: 0.0, last_ms: i64::MIN }
    }
}

impl Habit {
    /// What a surprise is worth after those of earlier episodes, and remembers it.
    pub fn dull(&mut self, at_ms: i64, surprise: f64, step_ms: f64) -> f64 {
        if surprise <= 0.0 {
            return 0.0;
        }
        let passed = at_ms.saturating_sub(self.last_ms).max(0) as f64;
        self.load = (f64::from(self.load) * fading(passed, HALF_LIFE_MS)) as f32;
        if passed > APART_MS.max(APART_STEPS * step_ms) {
            (self.before, self.peak) = (self.load, 0.0);
        }
        self.last_ms = at_ms;
        let odd = share(surprise) as f32;
        if odd > self.peak {
            self.load += odd - self.peak;
            self.peak = odd;
        }
        surprise / (1.0 + DULLING * f64::from(self.before))
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
        assert!(nights[9] < 14.0, "{nights:?}");
        assert!(habit.dull(60 * day, 20.0, 60_000.0) > 19.9);
    }

    #[test]
    fn an_episode_does_not_dull_itself() {
        let mut habit = Habit::default();
        (0..30).for_each(|minute| assert_eq!(habit.dull(minute * 60_000, 9.0, 60_000.0), 9.0));
    }
}
