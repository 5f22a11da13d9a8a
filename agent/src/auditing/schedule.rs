//! When the next audit is due.

use crate::config;

/// The first one after a start waits so many times as long as one after a change: a host that starts has other things to do.
const START_SETTLES: u64 = 4;
/// One that failed is tried again after this, or after the interval if that is less.
const RETRY_US: u64 = 600_000_000;

/// When the next audit is due, on the monotonic clock.
#[derive(Debug)]
pub struct Schedule {
    enabled: bool,
    interval_us: u64,
    settle_us: u64,
    percent: f64,
    due_us: u64,
    /// None that a change brings about comes before this.
    rested_us: u64,
}

impl Schedule {
    /// At the start; `age_ms` is that of the last audit, if one is known.
    pub fn new(config: &config::Audit, now_us: u64, age_ms: Option<i64>) -> Schedule {
        let mut own =
            Schedule { enabled: false, interval_us: 0, settle_us: 0, percent: 1.0, due_us: 0, rested_us: 0 };
        own.set(config);
        let left_us = age_ms.map_or(0, |age| own.interval_us.saturating_sub(age.max(0) as u64 * 1000));
        own.due_us = now_us + left_us.max(START_SETTLES * own.settle_us);
        own
    }

    /// Takes another configuration; what is due sooner by the old one stays so.
    pub fn set(&mut self, config: &config::Audit) {
        self.enabled = config.enabled;
        self.interval_us = config.interval.ms() * 1000;
        self.settle_us = config.settle.ms() * 1000;
        self.percent = config.percent;
    }

    /// When to wake; never when audits are off.
    pub fn due_us(&self) -> Option<u64> {
        self.enabled.then_some(self.due_us)
    }

    /// Something changed.
    pub fn changed(&mut self, now_us: u64) {
        // Each change puts it off no further, or a file that is written all the time would keep it away.
        self.due_us = self.due_us.min((now_us + self.settle_us).max(self.rested_us));
    }

    /// An audit has ended.
    pub fn ended(&mut self, now_us: u64, took_us: u64, succeeded: bool) {
        self.rested_us = now_us + (took_us as f64 * 100.0 / self.percent) as u64;
        self.due_us = now_us + if succeeded { self.interval_us } else { self.interval_us.min(RETRY_US) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Span;

    const S: u64 = 1_000_000;

    fn config() -> config::Audit {
        config::Audit { interval: Span::seconds(3600), settle: Span::seconds(10), ..config::Audit::default() }
    }

    #[test]
    fn a_start_waits_and_remembers() {
        assert_eq!(Schedule::new(&config(), S, None).due_us(), Some(41 * S));
        assert_eq!(Schedule::new(&config(), S, Some(600_000)).due_us(), Some(3001 * S));
        assert_eq!(Schedule::new(&config(), S, Some(-5)).due_us(), Some(3601 * S));
        let off = config::Audit { enabled: false, ..config() };
        assert_eq!(Schedule::new(&off, S, None).due_us(), None);
    }

    #[test]
    fn changes_come_together_and_cost_little() {
        let mut schedule = Schedule::new(&config(), 0, None);
        schedule.ended(100 * S, S, true);
        assert_eq!(schedule.due_us(), Some(3700 * S));
        schedule.changed(110 * S);
        assert_eq!(schedule.due_us(), Some(200 * S), "one second of work, a hundred of rest");
        schedule.changed(190 * S);
        assert_eq!(schedule.due_us(), Some(200 * S));
        schedule.ended(300 * S, S / 10, false);
        assert_eq!(schedule.due_us(), Some(900 * S));
        schedule.changed(320 * S);
        assert_eq!(schedule.due_us(), Some(330 * S));
    }
}
