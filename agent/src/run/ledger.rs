//! The rule that nothing is told before it is written down.
//!
//! An alert state that was ever visible in /metrics or the API is on disk. So a view with new transitions is
//! held back until the store has them, which takes milliseconds. When the store *cannot* write (the disk is
//! full), holding back the whole view would blind Prometheus on the very day it is needed: the metrics go on,
//! with the alerts as they were last written, `hostward_store_writable` says 0, and the write is tried again.
//! The same holds while the store does not answer, except that nothing is tried again: what was sent may yet be
//! written, and what follows it must be written after it.

use super::event::Unwritten;
use crate::request::Refused;
use hostward_engine::{Alert, State, Transition, View};
use hostward_model::Now;
use std::sync::Arc;
use tokio::sync::oneshot::Sender;

/// Transitions that can wait for a store that fails; beyond it the oldest are dropped and counted.
const TRANSITIONS_MAX: usize = 10_000;
/// Why something is not on disk while a write is late.
const SILENT: &str = "the disk does not answer";
const BACK_OFF_MIN_MS: u64 = 1_000;
const BACK_OFF_MAX_MS: u64 = 60_000;

/// What is not written down yet.
#[derive(Default)]
pub struct Ledger {
    /// Not on disk; the first `sent` of them are being written.
    waiting: Vec<Transition>,
    sent: usize,
    /// What was sent takes too long.
    stalled: bool,
    /// The last write failed, and the next one is due at `retry_ms` (monotonic).
    failing: bool,
    back_off_ms: u64,
    retry_ms: u64,
    /// Alerts as they were last told, all of them on disk.
    told: Vec<Alert>,
    acknowledgers: Vec<Sender<Result<(), Refused>>>,
    /// Writes that failed.
    pub failures: u64,
    /// Transitions that were dropped because too many waited.
    pub lost: u64,
}

impl Ledger {
    /// Begins with the alerts that the store knows to be open.
    pub fn new(told: Vec<Alert>) -> Self {
        Ledger { told, ..Ledger::default() }
    }

    /// Takes a transition that must be written down.
    pub fn add(&mut self, transition: Transition) {
        self.waiting.push(transition);
        // While a batch is being written its transitions must stay where they are.
        if self.waiting.len() > TRANSITIONS_MAX {
            self.waiting.remove(self.sent);
            self.lost += 1;
        }
    }

    /// Somebody waits until what they said is on disk, unless nobody knows when that will be.
    pub fn answer_when_written(&mut self, reply: Sender<Result<(), Refused>>) {
        self.acknowledgers.push(reply);
        if self.stalled {
            self.refuse(SILENT);
        }
    }

    /// Whether nothing may change the engine now, because a write is under way and not late.
    pub fn is_closed(&self) -> bool {
        self.is_writing() && !self.stalled
    }

    /// Whether the last write worked, as far as is known.
    pub fn is_well(&self) -> bool {
        !self.failing && !self.stalled
    }

    fn is_writing(&self) -> bool {
        self.sent > 0
    }

    /// What to write now, if anything.
    pub fn due(&mut self, mono_ms: u64) -> Option<Arc<Vec<Transition>>> {
        let is_due = !self.failing || self.retry_ms <= mono_ms;
        if self.is_writing() || self.waiting.is_empty() || !is_due {
            return None;
        }
        self.sent = self.waiting.len();
        Some(Arc::new(self.waiting.clone()))
    }

    /// The write takes too long: life goes on without knowing what will become of it.
    pub fn stall(&mut self) {
        self.stalled = true;
        self.failures += 1;
        self.refuse(SILENT);
    }

    /// The write worked; gives what is now on disk.
    pub fn written(&mut self) -> Vec<Transition> {
        (self.failing, self.stalled, self.back_off_ms) = (false, false, 0);
        self.acknowledgers.drain(..).for_each(|reply| drop(reply.send(Ok(()))));
        let written: Vec<_> = self.waiting.drain(..std::mem::take(&mut self.sent)).collect();
        written.iter().for_each(|transition| self.tell(&transition.alert));
        self.told.retain(|told| told.state != State::Inactive);
        written
    }

    /// What is on disk may be told although more waits behind it.
    fn tell(&mut self, alert: &Alert) {
        match self.told.iter_mut().find(|told| told.id == alert.id) {
            Some(told) => told.clone_from(alert),
            None => self.told.push(alert.clone()),
        }
    }

    /// The write failed.
    pub fn failed(&mut self, at: Now, why: &Unwritten) {
        (self.sent, self.stalled) = (0, false);
        self.failing = true;
        self.failures += 1;
        self.back_off_ms = (self.back_off_ms * 2).clamp(BACK_OFF_MIN_MS, BACK_OFF_MAX_MS);
        self.retry_ms = at.mono_ms + self.back_off_ms;
        self.refuse(&why.error);
        if why.fresh {
            self.begin_again(at.wall_ms);
        }
    }

    fn refuse(&mut self, error: &str) {
        let refuse = |reply: Sender<_>| drop(reply.send(Err(Refused::NotWritten(error.to_owned()))));
        self.acknowledgers.drain(..).for_each(refuse);
    }

    /// The store has lost what was told, so that is written once more, before what is new.
    fn begin_again(&mut self, at_ms: i64) {
        let open = self.told.iter().filter(|alert| matches!(alert.state, State::Pending | State::Firing));
        let again = |alert: &Alert| Transition {
            from: alert.state,
            alert: alert.clone(),
            at_ms,
            reason: "written again after the store was damaged".to_owned(),
        };
        let again: Vec<_> = open.map(again).collect();
        self.waiting.splice(..0, again);
        self.retry_ms = 0;
    }

    /// What may be told of `view` now: all of it, all but the alerts, or nothing for the moment.
    pub fn tellable(&mut self, view: Arc<View>) -> Option<Arc<View>> {
        if self.waiting.is_empty() {
            self.told.clone_from(&view.alerts);
            return Some(view);
        }
        let held = || View { alerts: self.told.clone(), ..View::clone(&view) };
        (!self.is_well() && !self.is_closed()).then(|| Arc::new(held()))
    }
}

#[cfg(test)]
mod tests;
