//! The loop's dealings with the disk: what was sent to the store and to the history, what came of it, and what is late.
//!
//! A disk that hangs answers nothing at all. So a write that takes too long counts as failed until its answer
//! comes; it stays the only one of its kind under way, for nobody knows yet what became of it.

use super::event::{Event, Unwritten};
use super::turn::Loop;
use crate::clock;
use crate::state::{Store, StoreError};
use hostward_engine::archive::Mark;
use hostward_engine::{Scope, Transition};
use hostward_model::Now;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::Instant;

/// How long a write may take before it counts as failed.
const WRITE_MAX: Duration = Duration::from_secs(5);

impl Loop {
    /// Has transitions written down if it is time.
    pub(super) fn record(&mut self) {
        let Some(transitions) = self.ledger.due(clock::now().mono_ms) else { return };
        self.writes.record_late_at = Some(Instant::now() + WRITE_MAX);
        if !self.write(transitions) {
            let error = "too much waits for the store already".to_owned();
            self.recorded(Err(Unwritten { error, fresh: false }));
        }
    }

    /// False when too much waits for the store already.
    fn write(&self, transitions: Arc<Vec<Transition>>) -> bool {
        let events = self.parts.events.clone();
        self.parts.recorder.tell(move |store| {
            let result = store.record(&transitions).map_err(|error| unwritten(store, &error));
            let _ = events.blocking_send(Event::Recorded(result));
        })
    }

    /// The answer to [`Loop::record`], however late.
    pub(super) fn recorded(&mut self, result: Result<(), Unwritten>) {
        self.writes.record_late_at = None;
        self.changed = true;
        match result {
            Ok(()) => {
                for transition in self.ledger.written() {
                    self.parts.responder.transition(transition);
                }
                self.parts.receivers.wake();
            }
            Err(why) => {
                tracing::error!("cannot write alerts down, they are not told until it works: {}", why.error);
                self.ledger.failed(clock::now(), &why);
                self.parts.published.telemetry.store_failures.inc();
            }
        }
        self.tell_store();
    }

    /// Has what was learnt kept, unless that is under way.
    pub(super) fn save(&mut self) {
        if !self.writes.saving {
            self.writes.saving = self.keep(self.engine.save(Scope::Learning));
            self.writes.save_late_at = self.writes.saving.then(|| Instant::now() + WRITE_MAX);
        }
    }

    /// False when too much waits for the store already.
    fn keep(&self, snapshot: Vec<u8>) -> bool {
        let events = self.parts.events.clone();
        self.parts.recorder.tell(move |store| {
            let result =
                store.save_snapshot(&snapshot, clock::now().wall_ms).map_err(|error| error.to_string());
            let _ = events.blocking_send(Event::Saved(result));
        })
    }

    /// The answer to [`Loop::save`], however late.
    pub(super) fn saved(&mut self, result: Result<(), String>) {
        (self.writes.saving, self.writes.save_late_at) = (false, None);
        self.writes.save_failed = result.is_err();
        if let Err(error) = result {
            tracing::error!("cannot keep what was learnt: {error}");
            self.parts.published.telemetry.store_failures.inc();
        }
        self.tell_store();
    }

    /// Gives up waiting, though not the writes, for which the time is over.
    pub(super) fn late(&mut self) {
        let now = Instant::now();
        let is_late = |at: &mut Option<Instant>| at.take_if(|at| *at <= now).is_some();
        let (record, save) =
            (is_late(&mut self.writes.record_late_at), is_late(&mut self.writes.save_late_at));
        if record {
            tracing::error!("the disk does not answer; changes of alerts are not told until it does");
            self.ledger.stall();
            self.changed = true;
        }
        if save {
            tracing::error!("cannot keep what was learnt so far: the disk does not answer");
            self.writes.save_failed = true;
        }
        self.parts.published.telemetry.store_failures.inc_by(u64::from(record) + u64::from(save));
        self.tell_store();
    }

    /// Has what memory has since the last time written to the history, if it is time.
    pub(super) fn archive(&mut self, at: Now) {
        let engine = &self.engine;
        if !self.parts.archiving.write_due(at, || engine.fresh(at.wall_ms)) {
            self.archived(Err("the disk does not answer".to_owned()));
        }
    }

    /// The answer to [`Loop::archive`], however late.
    pub(super) fn archived(&mut self, result: Result<Mark, String>) {
        match result {
            Ok(mark) => self.engine.set_archived(mark),
            Err(error) => {
                tracing::error!("cannot write the history, which is tried again: {error}");
                self.parts.published.telemetry.history.failures.inc();
            }
        }
    }

    fn tell_store(&self) {
        let writable = self.ledger.is_well() && !self.writes.save_failed;
        self.parts.vitals.store_writable.store(writable, Relaxed);
        self.parts.published.telemetry.set_transitions_lost(self.ledger.lost);
    }
}

/// A damaged database is set aside at once; any other failure may pass.
fn unwritten(store: &mut Store, error: &StoreError) -> Unwritten {
    let mut fresh = false;
    if error.is_damage() {
        match store.reopen() {
            Ok(damages) => {
                damages.iter().for_each(|damage| tracing::error!("{damage}"));
                fresh = true;
            }
            Err(error) => tracing::error!("cannot start the store afresh: {error}"),
        }
    }
    Unwritten { error: error.to_string(), fresh }
}
