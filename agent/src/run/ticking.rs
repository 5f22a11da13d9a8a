//! What the sampler, plugins and audits have said: told to the engine, with all that is done once a tick.

use super::greeting;
use super::turn::{BEAT_MAX, Loop};
use crate::sampler::{Report, Sampled};
use hostward_engine::Input;
use hostward_model::Now;
use std::sync::Arc;

/// What an audit said is told so often.
const REPEAT_MS: u64 = 60_000;

impl Loop {
    /// The answer of one probe aside is not worth a publication of its own while the report of its tick is to come.
    pub(super) fn sampled(&mut self, sampled: Sampled) {
        let is_lone = sampled.readings.len() == 1 && sampled.report.is_none();
        let changed = self.changed || !is_lone || !self.awaits_report;
        if !is_lone {
            self.awaits_report = sampled.report.is_none();
        }
        for reading in &sampled.readings {
            self.handle(sampled.at, Input::Batch { probe: reading.probe, batch: &reading.batch });
        }
        self.changed = changed;
        self.parts.sampler.give_back(sampled.readings);
        if let Some(report) = sampled.report {
            self.ticked(sampled.at, report);
        }
    }

    /// What plugins or audits have said comes when it comes, and is published at once.
    pub(super) fn told(&mut self, sampled: &Sampled, at: Now) {
        for reading in &sampled.readings {
            self.handle(at, Input::Batch { probe: reading.probe, batch: &reading.batch });
        }
    }

    /// What the last audit found holds until the next; it is told again with a tick, so that its series do not end.
    fn repeat_audit(&mut self, at: Now) {
        let is_due = |own: &mut Sampled| own.at.mono_ms + REPEAT_MS <= at.mono_ms;
        if let Some(audited) = self.audited.take_if(is_due) {
            self.told(&audited, at);
            self.audited = Some(Sampled { at, ..audited });
        }
    }

    /// A tick is complete. What has to be done about now is done with it: to wake up once more costs more.
    fn ticked(&mut self, at: Now, report: Arc<Report>) {
        if !std::mem::replace(&mut self.greeted, true) {
            greeting::unseen(&report);
        }
        self.parts.published.report.send_replace(Some(report));
        self.repeat_audit(at);
        let interval = self.parts.taken.config.sampling.interval;
        self.handle(at, Input::Ticked { next_ms: interval.ms() });
        self.archive(at);
        if self.beat_due < tokio::time::Instant::now() + interval.duration() {
            self.beat();
        }
    }

    /// Feeds the watchdog while the loop turns and the sampler ticks, and tries again what could not be written.
    pub(super) fn beat(&mut self) {
        if let Some(view) = self.parts.published.view() {
            self.parts.responder.retry(view.alerts.iter());
        }
        let interval = self.parts.taken.config.sampling.interval.duration();
        let beat = self.parts.notifier.beat.unwrap_or(BEAT_MAX + interval);
        self.beat_due = tokio::time::Instant::now() + beat;
        let patience = 2 * interval + beat;
        if self.parts.vitals.since_tick() <= patience {
            self.parts.notifier.tell("WATCHDOG=1");
        } else {
            tracing::error!("the sampler has not ticked for {patience:?}; the watchdog is not fed");
        }
    }
}
