//! Numbers that the loop knows and rules must be able to see.
//!
//! The loop writes them, and the sampler turns them into samples of the probe `hostward`: so each is exported
//! once, has a history, and a rule can speak of it.

use crate::plugin::Board;
use crate::receiver::Tally;
use crate::workflow;
use hostward_model::Now;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Shared by the loop and the sampler.
#[derive(Debug)]
pub struct Vitals {
    /// Whether the configuration on disk is the one that runs.
    pub reload_ok: AtomicBool,
    /// When a configuration was last taken, wall clock.
    pub reload_success_ms: AtomicI64,
    /// Whether the last write to the store worked.
    pub store_writable: AtomicBool,
    /// Batches that were thrown away because the loop did not keep up.
    pub batches_dropped: AtomicU64,
    /// New series that the engine refused because there were too many.
    pub series_refused: AtomicU64,
    /// How the plugins fare.
    pub plugins: Board,
    /// Numbers about receivers and silences.
    pub tally: Arc<Tally>,
    /// How workflows fare.
    pub workflows: workflow::Board,
    started: Instant,
    /// The last tick, after `started`.
    ticked_ms: AtomicU64,
}

impl Vitals {
    /// As at the start, just after the configuration was read.
    pub fn new(now: Now) -> Self {
        Vitals {
            reload_ok: AtomicBool::new(true),
            reload_success_ms: AtomicI64::new(now.wall_ms),
            store_writable: AtomicBool::new(true),
            batches_dropped: AtomicU64::new(0),
            series_refused: AtomicU64::new(0),
            plugins: Board::default(),
            tally: Arc::default(),
            workflows: workflow::Board::default(),
            started: Instant::now(),
            ticked_ms: AtomicU64::new(0),
        }
    }

    /// The sampler ticks.
    pub fn ticked(&self) {
        self.ticked_ms.store(self.started.elapsed().as_millis() as u64, Relaxed);
    }

    /// How long ago the last tick is, sleep not included: that is how systemd counts before its watchdog bites.
    pub fn since_tick(&self) -> Duration {
        self.started.elapsed().saturating_sub(Duration::from_millis(self.ticked_ms.load(Relaxed)))
    }

    /// A configuration was taken (`Some(when)`) or refused.
    pub fn reloaded(&self, at_ms: Option<i64>) {
        self.reload_ok.store(at_ms.is_some(), Relaxed);
        if let Some(at_ms) = at_ms {
            self.reload_success_ms.store(at_ms, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_as_old_as_it_is() {
        let vitals = Vitals::new(Now::default());
        std::thread::sleep(Duration::from_millis(30));
        assert!(vitals.since_tick() >= Duration::from_millis(30));
        vitals.ticked();
        assert!(vitals.since_tick() < vitals.started.elapsed() - Duration::from_millis(29));
    }
}
