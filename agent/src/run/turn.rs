//! The loop. Waiting is asynchronous, changing state is not: [`Loop::next`] waits, [`Loop::apply`] changes,
//! [`Loop::settle`] puts the house in order.

use super::event::Event;
use super::ledger::Ledger;
use super::parts::{Parts, Sources};
use super::rulings::Rulings;
use super::settling::Settling;
use super::writes::Writes;
use crate::clock;
use crate::sampler::Sampled;
use crate::state::Found;
use hostward_engine::{Effect, Engine, Input, Scope, State};
use hostward_model::Now;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// How long the last snapshot may take before the process ends without it.
const LAST_SAVE: Duration = Duration::from_millis(1500);
/// How often the loop beats without a watchdog.
pub(super) const BEAT_MAX: Duration = Duration::from_secs(10);

/// The loop and what it owns.
pub struct Loop {
    pub(super) engine: Engine,
    pub(super) parts: Parts,
    pub(super) ledger: Ledger,
    pub(super) writes: Writes,
    pub(super) rulings: Rulings,
    pub(super) settling: Settling,
    sources: Sources,
    last: Now,
    /// The engine or what may be told of it has changed since the last publication.
    pub(super) changed: bool,
    /// A tick has begun, and its report has not come.
    pub(super) awaits_report: bool,
    pub(super) greeted: bool,
    /// What the last audit said, and when that was told.
    pub(super) audited: Option<Sampled>,
    pub(super) beat_due: tokio::time::Instant,
}

impl Loop {
    /// Goes on where the last process ended.
    pub fn new(parts: Parts, sources: Sources, found: Found) -> Self {
        let mut engine = revive(&parts, found.snapshot);
        engine.resume_archive(parts.archiving.end_ms);
        let mut this = Loop {
            engine,
            parts,
            ledger: Ledger::new(found.alerts.clone()),
            writes: Writes::default(),
            rulings: Rulings::default(),
            settling: Settling::default(),
            sources,
            last: clock::now(),
            changed: true,
            awaits_report: false,
            greeted: false,
            audited: None,
            beat_due: tokio::time::Instant::now(),
        };
        for alert in found.alerts.iter().filter(|alert| alert.state == State::Firing) {
            this.parts.responder.answer(alert.clone(), false);
        }
        this.handle(clock::now(), Input::Resume(found.alerts));
        this.tell_rules();
        this
    }

    /// Turns until it is told to stop.
    pub async fn run(mut self) {
        self.settle();
        loop {
            match self.next().await {
                Event::Stop(signal) => return self.finish(signal).await,
                event => self.apply(event),
            }
            self.settle();
        }
    }

    /// While transitions are being written down, nothing may change the engine: what is then published must
    /// be what was written. Readings wait in their bounded queue meanwhile, though no longer than a write may take.
    async fn next(&mut self) -> Event {
        let open = !self.ledger.is_closed();
        let late_at = self.writes.late_at();
        let wake = self.engine.deadline().map_or(BEAT_MAX, |deadline_ms| clock::until(deadline_ms * 1000));
        tokio::select! {
            biased;
            Some(event) = self.sources.inbox.recv() => event,
            () = tokio::time::sleep_until(self.beat_due) => Event::Beat,
            () = tokio::time::sleep_until(late_at.unwrap_or(self.beat_due)), if late_at.is_some() => Event::Late,
            Some(sampled) = self.sources.readings.recv(), if open => Event::Sampled(sampled),
            Some(plugged) = self.sources.plugged.recv(), if open => Event::Plugged(plugged),
            Some(audited) = self.sources.audited.recv(), if open => Event::Audited(audited),
            Some(request) = self.sources.asked.recv(), if open => Event::Request(request),
            () = tokio::time::sleep(wake), if open => Event::Wake,
        }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Sampled(sampled) => self.sampled(sampled),
            Event::Plugged(plugged) => self.told(&plugged, plugged.at),
            Event::Audited(audited) => {
                self.told(&audited, audited.at);
                self.audited = Some(audited);
            }
            Event::Request(request) => self.request(request),
            Event::Recorded(result) => self.recorded(result),
            Event::Saved(result) => self.saved(result),
            Event::Archived(result) => self.archived(result),
            Event::Reloading => self.parts.notifier.tell("RELOADING=1"),
            Event::Reloaded(taken) => self.reloaded(taken),
            Event::Wake => self.handle(clock::now(), Input::Wake),
            Event::Beat => self.beat(),
            Event::Late => self.late(),
            Event::Stop(_) => {}
        }
    }

    /// Drains the effects, has transitions written down, and publishes what may be told.
    fn settle(&mut self) {
        while let Some(effect) = self.engine.poll() {
            match effect {
                Effect::Alert(transition) => self.ledger.add(*transition),
                Effect::Settled(own) => self.settled(&own),
                Effect::Save => self.save(),
            }
        }
        self.record();
        if std::mem::replace(&mut self.changed, false) {
            self.publish();
        }
    }

    /// Judges by the rules that were taken, and shows them.
    pub(super) fn tell_rules(&mut self) {
        let rules = self.parts.taken.rules.clone();
        let evaluation_ms = self.parts.taken.config.rules.evaluation.ms();
        self.parts.published.rules.send_replace((rules.clone(), evaluation_ms));
        self.handle(clock::now(), Input::Rules(rules));
    }

    fn publish(&mut self) {
        let view = self.engine.view();
        self.parts.vitals.series_refused.store(view.counts.series_refused, Relaxed);
        self.rulings.news(view.at, &view.rules).iter().for_each(|text| tracing::warn!("{text}"));
        if let Some(view) = self.ledger.tellable(view) {
            self.parts.published.view.send_replace(Some(view));
        }
    }

    /// An input from the past, such as readings that waited while rules were judged, counts as of now.
    pub(super) fn handle(&mut self, at: Now, input: Input<'_>) {
        let at = if at.mono_ms < self.last.mono_ms { self.last } else { at };
        self.last = at;
        self.changed = true;
        self.engine.handle(at, input);
    }

    async fn finish(mut self, signal: &str) {
        tracing::info!("{signal}: stopping");
        self.parts.notifier.tell("STOPPING=1");
        self.parts.auditing.stop();
        self.parts.plugins.stop();
        self.settle();
        let snapshot = self.engine.save(Scope::Whole);
        // The store works in order: when this is done, everything before it is.
        let memories = self.parts.sampler.memories().all();
        let last = self.parts.recorder.ask(move |store| {
            if let Err(error) = store.keep_memories(&memories) {
                tracing::error!("cannot keep how far logs were read: {error}");
            }
            store.save_snapshot(&snapshot, clock::now().wall_ms)
        });
        let archived = self.parts.archiving.write_last(|| self.engine.fresh(clock::now().wall_ms));
        let (last, ()) = tokio::join!(tokio::time::timeout(LAST_SAVE, last), archived);
        match last {
            Ok(Some(Ok(()))) => {}
            Ok(Some(Err(error))) => tracing::error!("cannot keep what was learnt: {error}"),
            Ok(None) | Err(_) => tracing::error!("cannot keep what was learnt: the store does not answer"),
        }
    }
}

/// The engine as it was kept, or a fresh one when there is none or it cannot be read.
fn revive(parts: &Parts, snapshot: Option<Vec<u8>>) -> Engine {
    let settings = parts.taken.config.settings();
    let Some(snapshot) = snapshot else { return Engine::new(settings) };
    let restored = Engine::restore(settings.clone(), &snapshot).inspect(|engine| {
        if engine.is_learning_anew() {
            tracing::info!("baselines are of another version of hostward: what is usual is learnt anew");
        }
    });
    restored.unwrap_or_else(|error| {
        tracing::warn!("the engine starts fresh: {error}");
        let reason = error.to_string();
        parts.recorder.tell(move |store| {
            if let Err(error) = store.discard_snapshot(&reason) {
                tracing::warn!("cannot set the old snapshot aside: {error}");
            }
        });
        Engine::new(settings)
    })
}

#[cfg(test)]
mod tests;
