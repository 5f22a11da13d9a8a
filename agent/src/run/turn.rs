//! The loop. Waiting is asynchronous, changing state is not: [`Loop::next`] waits, [`Loop::apply`] changes,
//! [`Loop::settle`] puts the house in order.

use super::event::{Event, Request, Unwritten};
use super::ledger::Ledger;
use super::recorder::{Found, Recorder};
use super::response::Responder;
use super::systemd::Notifier;
use super::{Options, Taken, greeting};
use crate::clock;
use crate::outlet::Published;
use crate::sampler::{Sampled, Sampler};
use crate::vitals::Vitals;
use hostward_engine::{Effect, Engine, Input, Scope, State};
use hostward_model::Now;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long the last snapshot may take before the process ends without it.
const LAST_SAVE: Duration = Duration::from_millis(1500);
/// How often that is without a watchdog.
const BEAT_MAX: Duration = Duration::from_secs(10);

/// Where events come from.
pub struct Sources {
    /// Everything that is not below.
    pub inbox: mpsc::Receiver<Event>,
    /// The sampler.
    pub readings: mpsc::Receiver<Sampled>,
    /// The API.
    pub asked: mpsc::Receiver<Request>,
}

/// What the loop drives.
pub struct Parts {
    /// The command line.
    pub options: Options,
    /// What the daemon runs by.
    pub taken: Taken,
    /// Numbers for the sampler.
    pub vitals: Arc<Vitals>,
    /// The sampler.
    pub sampler: Sampler,
    /// The store.
    pub recorder: Recorder,
    /// Who writes scripts.
    pub responder: Responder,
    /// What everybody may read.
    pub published: Arc<Published>,
    /// Who is told that we live.
    pub notifier: Notifier,
}

/// The loop and what it owns.
pub struct Loop {
    pub(super) engine: Engine,
    pub(super) parts: Parts,
    pub(super) ledger: Ledger,
    sources: Sources,
    last: Now,
    /// The engine or what may be told of it has changed since the last publication.
    changed: bool,
    saving: bool,
    greeted: bool,
    beat_due: tokio::time::Instant,
}

impl Loop {
    /// Goes on where the last process ended.
    pub fn new(parts: Parts, sources: Sources, found: Found) -> Self {
        let engine = revive(&parts, found.snapshot);
        let beat_due = tokio::time::Instant::now();
        let ledger = Ledger::new(found.alerts.clone());
        let (changed, saving, greeted) = (true, false, false);
        let mut this =
            Loop { engine, parts, ledger, sources, last: clock::now(), changed, saving, greeted, beat_due };
        for alert in found.alerts.iter().filter(|alert| alert.state == State::Firing) {
            this.parts.responder.answer(alert.clone(), false);
        }
        this.handle(clock::now(), Input::Resume(found.alerts));
        this.handle(clock::now(), Input::Rules(this.parts.taken.rules.clone()));
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
    /// be what was written. Readings wait in their bounded queue meanwhile.
    async fn next(&mut self) -> Event {
        let open = !self.ledger.is_writing();
        let wake = self.engine.deadline().map_or(BEAT_MAX, |deadline_ms| clock::until(deadline_ms * 1000));
        tokio::select! {
            biased;
            Some(event) = self.sources.inbox.recv() => event,
            () = tokio::time::sleep_until(self.beat_due) => Event::Beat,
            Some(sampled) = self.sources.readings.recv(), if open => Event::Sampled(sampled),
            Some(request) = self.sources.asked.recv(), if open => Event::Request(request),
            () = tokio::time::sleep(wake), if open => Event::Wake,
        }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Sampled(sampled) => self.sampled(sampled),
            Event::Request(request) => self.request(request),
            Event::Recorded(result) => self.recorded(result),
            Event::Saved(result) => self.saved(result),
            Event::Reloading => self.parts.notifier.tell("RELOADING=1"),
            Event::Reloaded(taken) => self.reloaded(taken),
            Event::Wake => self.handle(clock::now(), Input::Wake),
            Event::Beat => self.beat(),
            Event::Stop(_) => {}
        }
    }

    /// Drains the effects, has transitions written down, and publishes what may be told.
    fn settle(&mut self) {
        while let Some(effect) = self.engine.poll() {
            match effect {
                Effect::Alert(transition) => self.ledger.add(*transition),
                Effect::Save => self.save(),
            }
        }
        if let Some(transitions) = self.ledger.due(clock::now().mono_ms)
            && !self.parts.recorder.record(transitions)
        {
            let error = "too much waits for the store already".to_owned();
            self.recorded(Err(Unwritten { error, fresh: false }));
        }
        if std::mem::replace(&mut self.changed, false)
            && let Some(view) = self.ledger.tellable(self.engine.view())
        {
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

    fn sampled(&mut self, sampled: Sampled) {
        for reading in &sampled.readings {
            self.handle(sampled.at, Input::Batch { probe: reading.probe, batch: &reading.batch });
        }
        if let Some(report) = sampled.report {
            if !std::mem::replace(&mut self.greeted, true) {
                greeting::unseen(&report);
            }
            self.parts.published.report.send_replace(Some(report));
        }
        self.parts.sampler.give_back(sampled.readings);
    }

    fn recorded(&mut self, result: Result<(), Unwritten>) {
        self.changed = true;
        self.parts.vitals.store_writable.store(result.is_ok(), Relaxed);
        match result {
            Ok(()) => {
                for transition in self.ledger.written() {
                    self.parts.responder.transition(transition);
                }
            }
            Err(why) => {
                tracing::error!("cannot write alerts down, they are not told until it works: {}", why.error);
                self.ledger.failed(clock::now(), &why);
                self.parts.published.telemetry.store_failures.inc();
            }
        }
        self.parts.published.telemetry.set_transitions_lost(self.ledger.lost);
    }

    fn save(&mut self) {
        if !self.saving {
            self.saving = self.parts.recorder.save(self.engine.save(Scope::Learning));
        }
    }

    fn saved(&mut self, result: Result<(), String>) {
        self.saving = false;
        self.parts.vitals.store_writable.store(result.is_ok(), Relaxed);
        if let Err(error) = result {
            tracing::error!("cannot keep what was learnt: {error}");
            self.parts.published.telemetry.store_failures.inc();
        }
    }

    /// Feeds the watchdog while the loop turns and the sampler ticks, and tries again what could not be written.
    fn beat(&mut self) {
        if let Some(view) = self.parts.published.view() {
            self.parts.responder.retry(view.alerts.iter());
        }
        let beat = self.parts.notifier.beat.unwrap_or(BEAT_MAX);
        self.beat_due = tokio::time::Instant::now() + beat;
        let ticked_ms = self.parts.vitals.tick_mono_ms.load(Relaxed);
        let patience_ms = 2 * self.parts.taken.config.sampling.interval.ms() + beat.as_millis() as u64;
        if clock::now().mono_ms.saturating_sub(ticked_ms) <= patience_ms {
            self.parts.notifier.tell("WATCHDOG=1");
        } else {
            tracing::error!("the sampler has not ticked for {patience_ms} ms; the watchdog is not fed");
        }
    }

    async fn finish(mut self, signal: &str) {
        tracing::info!("{signal}: stopping");
        self.parts.notifier.tell("STOPPING=1");
        self.settle();
        let snapshot = self.engine.save(Scope::Whole);
        // The store works in order: when this is done, everything before it is.
        let last = self.parts.recorder.ask(move |store| store.save_snapshot(&snapshot, clock::now().wall_ms));
        match tokio::time::timeout(LAST_SAVE, last).await {
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
    Engine::restore(settings.clone(), &snapshot).unwrap_or_else(|error| {
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
