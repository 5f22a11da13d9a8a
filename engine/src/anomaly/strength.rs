//! How strong an unusual value is, on one scale for all series.

use super::Judgement;

/// Nines beyond this are not told apart: nobody has seen a series a million times.
const NINES_MAX: f64 = 6.0;
/// Doublings of the usual distance beyond this are not told apart.
const DOUBLINGS_MAX: f64 = 6.0;
/// A series that never moved has a band without width; this share of its value then counts as a small step.
const STEP: f64 = 0.01;

impl Judgement {
    /// The nines of the confidence (0.999 has three), and half of one for each doubling of its distance beyond the
    /// band: while a series is young its nines are few, whatever happens, and distance is all that tells a fault. All
    /// of it counts by the score, a quarter less for a habit and a quarter more for what the series never did.
    pub fn strength(&self) -> f64 {
        let nines = -(1.0 - self.confidence).max(f64::MIN_POSITIVE).log10();
        // What is no number counts for nothing: `clamp` would keep it.
        let within = |value: f64, most: f64| if value > 0.0 { value.min(most) } else { 0.0 };
        let far = within(nines, NINES_MAX) + 0.5 * within(self.distance().log2(), DOUBLINGS_MAX);
        far * (0.75 + 0.5 * within(self.score, 1.0))
    }

    /// How far the value is from what was expected, in half widths of the band.
    pub fn distance(&self) -> f64 {
        let away = self.value - self.expected;
        let edge = if away < 0.0 { self.band.0 } else { self.band.1 };
        let half = (edge - self.expected).abs().max(STEP * self.expected.abs()).max(f64::MIN_POSITIVE);
        let distance = away.abs() / half;
        if distance.is_finite() { distance } else { 2f64.powf(DOUBLINGS_MAX) }
    }
}

#[cfg(test)]
mod tests {
    use crate::anomaly::{Channel, Judgement};
    use proptest::prelude::*;

    fn judged(value: f64, confidence: f64) -> Judgement {
        let (expected, band, score, channel) = (6.0, (3.0, 9.0), 0.5, Channel::Level);
        Judgement { value, expected, band, score, confidence, channel }
    }

    #[test]
    fn nines_and_doublings_add_up() {
        assert!((judged(9.0, 0.999).strength() - 3.0).abs() < 1e-9);
        assert!((judged(18.0, 0.999).strength() - 4.0).abs() < 1e-9);
        assert!((judged(-3.0, 0.9).strength() - 1.79).abs() < 0.01);
        assert!((judged(1e300, 1.0).strength() - 9.0).abs() < 1e-9);
        let habit = Judgement { score: 0.0, ..judged(18.0, 0.999) };
        assert!((habit.strength() - 3.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn strength_is_bounded_whatever_is_judged(bits in any::<[u64; 5]>()) {
            let [value, expected, low, high, score] = bits.map(f64::from_bits);
            let odd = Judgement { value, expected, band: (low, high), score, ..judged(0.0, score) };
            prop_assert!((0.0..=11.25).contains(&odd.strength()), "{odd:?}");
        }
    }
}
