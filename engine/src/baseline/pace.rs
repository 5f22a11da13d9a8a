//! How often values of a series come, learnt from their times.

use serde::{Deserialize, Serialize};

/// So many steps in a row of another length are a change of the interval.
const CHANGE: u8 = 4;
/// How much of a step goes into the usual one.
const WEIGHT: f32 = 0.125;

/// The usual time between two values.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Pace {
    step_ms: f32,
    odd: u8,
}

impl Pace {
    /// The usual step; at least a millisecond.
    pub fn step_ms(self) -> f64 {
        f64::from(self.step_ms.max(1.0))
    }

    /// Takes the time between two values, and tells a change of the interval. Values at the same time, late ones and a
    /// clock that was set back say nothing.
    pub fn learn(&mut self, passed_ms: i64) -> bool {
        let passed = passed_ms as f32;
        if passed_ms <= 0 {
        } else if passed > 0.5 * self.step_ms && passed < 2.0 * self.step_ms {
            self.step_ms += WEIGHT * (passed - self.step_ms);
            self.odd = 0;
        } else if self.step_ms == 0.0 || self.odd >= CHANGE {
            let known = self.step_ms > 0.0;
            *self = Pace { step_ms: passed, odd: 0 };
            return known;
        } else {
            self.odd += 1;
        }
        false
    }
}

/// What is left of 1 after `passed_ms` when half is lost in `half_life_ms`.
pub fn fading(passed_ms: f64, half_life_ms: f64) -> f64 {
    let lost = std::f64::consts::LN_2 * passed_ms.max(0.0) / half_life_ms;
    // The series' first terms are exact enough for a short time, and cost nothing.
    if lost < 0.01 { 1.0 - lost * (1.0 - 0.5 * lost) } else { (-lost).exp() }
}

#[cfg(test)]
mod tests {
    use super::{Pace, fading};

    #[test]
    fn a_gap_is_no_change_of_interval_and_a_change_is() {
        let mut pace = Pace::default();
        assert!(![15_000, 15_010, 3_600_000, 14_990, 0, -5].iter().any(|passed| pace.learn(*passed)));
        assert!((14_900.0..15_100.0).contains(&pace.step_ms()), "{pace:?}");
        assert_eq!((0..6).filter(|_| pace.learn(1_000)).count(), 1);
        assert_eq!(pace.step_ms(), 1_000.0);
    }

    #[test]
    fn half_is_left_after_a_half_life() {
        assert!((fading(1.0, 1.0) - 0.5).abs() < 1e-12);
        assert!((fading(0.01, 1.0) - 0.5f64.powf(0.01)).abs() < 1e-6);
        assert_eq!(fading(-5.0, 1.0), 1.0);
    }
}
