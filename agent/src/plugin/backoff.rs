//! How long a plugin that fails is left alone.
//!
//! A run that ends by itself but says nothing of use costs no more than a good one, and is tried again at its time. One that must be
//! ended, crashes or leaves processes behind waits twice as long each time, and after the fifth time in a row it is
//! in quarantine for an hour.

use std::time::Duration;

/// The longest wait between two tries.
const WAIT_MAX: Duration = Duration::from_secs(600);
/// Failures in a row before quarantine.
const FAILURES_MAX: u32 = 5;
/// How long quarantine lasts; then there is one try.
pub const QUARANTINE: Duration = Duration::from_secs(3600);
/// A plugin that has stayed so long and then ends begins anew.
const GOOD_LIFE: Duration = Duration::from_secs(600);

/// The failures in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// A good run.
    pub fn well(&mut self) {
        self.failures = 0;
    }

    /// A plugin that stays has lived so long before it failed.
    pub fn lived(&mut self, life: Duration) {
        if life >= GOOD_LIFE {
            self.failures = 0;
        }
    }

    /// A failure that costs; how long to wait from now, for one that runs each `every`.
    pub fn failed(&mut self, every: Duration) -> Duration {
        self.failures = self.failures.saturating_add(1);
        if self.is_quarantined() {
            return QUARANTINE.max(every);
        }
        let doubled = every.saturating_mul(1 << (self.failures - 1));
        doubled.min(WAIT_MAX.max(every))
    }

    /// Whether it failed last time.
    pub fn is_failing(self) -> bool {
        self.failures > 0
    }

    /// Whether it is in quarantine.
    pub fn is_quarantined(self) -> bool {
        self.failures >= FAILURES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_in_quarantine() {
        let mut backoff = Backoff::default();
        let waits = |backoff: &mut Backoff, every, times| -> Vec<u64> {
            (0..times).map(|_| backoff.failed(Duration::from_secs(every)).as_secs()).collect()
        };
        assert_eq!(waits(&mut backoff, 10, 6), [10, 20, 40, 80, 3600, 3600]);
        assert!(backoff.is_quarantined());
        backoff.well();
        assert!(!backoff.is_failing());
        assert_eq!(waits(&mut backoff, 300, 4), [300, 600, 600, 600]);
        backoff.lived(Duration::from_secs(601));
        assert_eq!(waits(&mut backoff, 7200, 5), [7200; 5]);
    }
}
