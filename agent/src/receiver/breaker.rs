//! When to try a receiver again that has failed: later and later, never all at once, and no faster than it can take it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// The wait after the first failure; it doubles with each.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// The longest wait, whatever a receiver asks for.
const WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// After so many failures the receiver counts as away.
const OPEN_AT: u32 = 5;
/// Between two messages while there is more to say.
const PACE: Duration = Duration::from_secs(1);

/// How a receiver fared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
}

impl Breaker {
    /// Whether the receiver counts as away: one try at a time, at long distances.
    pub fn is_open(&self) -> bool {
        self.failures >= OPEN_AT
    }

    /// It took what it was given; says when the next may follow.
    pub fn succeeded(&mut self) -> Duration {
        self.failures = 0;
        PACE
    }

    /// It did not; says how long to wait. A part of the wait is left to chance, so that many hosts do not come back to a
    /// receiver at the same instant.
    pub fn failed(&mut self, asked: Option<Duration>, chance: f64) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let wait = WAIT_MIN.saturating_mul(1 << (self.failures - 1).min(16)).min(WAIT_MAX);
        wait.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0).max(asked.unwrap_or_default().min(WAIT_MAX))
    }
}

/// A number from 0 to 1 by the keys that the system gives to hash maps.
pub fn chance() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_waits_longer_and_longer_and_opens_at_the_fifth() {
        let mut breaker = Breaker::default();
        let waits: Vec<_> =
            (0..11).map(|_| (breaker.failed(None, 1.0).as_secs(), breaker.is_open())).collect();
        let seconds: Vec<_> = waits.iter().map(|own| own.0).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(waits.iter().position(|own| own.1), Some(4));
        assert_eq!((breaker.succeeded(), breaker.is_open()), (PACE, false));
    }

    #[test]
    fn chance_differs() {
        let drawn: Vec<f64> = (0..8).map(|_| chance()).collect();
        assert!(
            drawn.iter().all(|own| (0.0..=1.0).contains(own)) && drawn.iter().any(|own| *own != drawn[0])
        );
    }

    proptest! {
        #[test]
        fn a_wait_is_neither_nothing_nor_endless(asked in proptest::option::of(0u64..100_000), course in "[fs]{0,80}", chance in 0.0..1.0) {
            let mut breaker = Breaker::default();
            for letter in course.chars() {
                if letter == 's' {
                    breaker.succeeded();
                } else {
                    let wait = breaker.failed(asked.map(Duration::from_secs), chance);
                    prop_assert!(wait >= WAIT_MIN / 2 && wait <= WAIT_MAX);
                }
            }
        }
    }
}
