//! The sampler's thread: waits for the next tick, has run what is due, and sends what was seen.

use super::turns::Turns;
use super::{Message, OWN, Plan, Reading, Report, Sampled, Shelf, schedule};
use crate::clock;
use crate::vitals::Vitals;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use tokio::sync::mpsc::Sender as Out;

/// How long what a tick has read waits for the probes aside, so that the loop is woken once. They are quick unless
/// what they read is dead.
const HOLD_US: u64 = 50_000;

/// State of the thread.
pub struct Thread {
    plan: Plan,
    turns: Turns,
    next: Planned,
    /// The report of the last tick is still to come.
    owed: bool,
    /// What the last tick has read, until it is sent.
    held: Option<Held>,
    ticks: u64,
    missed: u64,
    vitals: Arc<Vitals>,
    out: Out<Sampled>,
    shelf: Shelf,
}

struct Held {
    at: clock::Reading,
    readings: Vec<Reading>,
}

/// The next tick: its place on the wall clock, and when that is on the monotonic one.
#[derive(Clone, Copy)]
struct Planned {
    wall_us: i64,
    mono_us: u64,
}

impl Held {
    /// When it is sent at the latest.
    fn until_us(&self) -> u64 {
        self.at.mono_us + HOLD_US
    }
}

impl Thread {
    /// A thread with a plan that has not begun.
    pub fn new(
        plan: Plan,
        vitals: Arc<Vitals>,
        inbox: Sender<Message>,
        out: Out<Sampled>,
        shelf: Shelf,
    ) -> Self {
        let at = clock::read();
        let next = Planned { wall_us: at.wall_us, mono_us: at.mono_us };
        let turns = Turns::new(&plan, inbox);
        let (owed, held, ticks, missed) = (false, None, 0, 0);
        Thread { plan, turns, next, owed, held, ticks, missed, vitals, out, shelf }
    }

    /// Runs until it is told to stop or nobody listens any more.
    pub fn run(mut self, messages: &Receiver<Message>) {
        self.tick(None);
        while !self.out.is_closed() {
            match messages.recv_timeout(clock::until(self.wake_us())) {
                Ok(Message::Plan(plan)) => self.replan(plan),
                Ok(Message::Done) => {
                    let at = clock::read();
                    let landed = self.turns.landed(at);
                    self.add(at, landed);
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => self.awake(),
            }
        }
    }

    fn wake_us(&self) -> u64 {
        let let_go = self.held.as_ref().map(Held::until_us);
        self.turns.wake_us().into_iter().chain(let_go).fold(self.next.mono_us, u64::min)
    }

    fn awake(&mut self) {
        let at = clock::read();
        self.turns.relieve(at);
        let given_up = self.turns.give_up(at);
        self.add(at, given_up);
        if self.held.as_ref().is_some_and(|held| held.until_us() <= at.mono_us) {
            self.let_go();
        }
        if at.mono_us >= self.next.mono_us {
            self.missed += schedule::missed(at.mono_us - self.next.mono_us, self.period_us());
            self.tick(Some(self.next.wall_us));
        }
    }

    fn replan(&mut self, plan: Plan) {
        self.let_go();
        let gone = self.turns.take(&plan);
        self.plan = plan;
        self.owed = false;
        self.send(clock::read(), gone);
        self.tick(None);
    }

    /// Runs what is due at that place on the wall clock; everything when there is none, at the start.
    fn tick(&mut self, wall_us: Option<i64>) {
        self.let_go();
        self.pay();
        let at = clock::read();
        self.ticks += 1;
        self.vitals.ticked();
        if let Ok(mut shelf) = self.shelf.lock() {
            self.turns.spare.extend(shelf.drain(..).map(|reading| (reading.probe, reading.batch)));
        }
        let readings = self.turns.run(at, wall_us);
        self.owed = wall_us.is_none_or(|wall_us| schedule::is_due(wall_us, self.interval_us()));
        self.held = Some(Held { at, readings });
        match wall_us {
            Some(_) => self.add(at, Vec::new()),
            // Nobody has anything yet.
            None => self.let_go(),
        }
        self.plan_next(at);
    }

    /// Adds what probes aside have read to the rest of their tick, or sends it alone when that has gone already.
    fn add(&mut self, at: clock::Reading, readings: Vec<Reading>) {
        match &mut self.held {
            Some(held) => {
                held.readings.extend(readings);
                if self.turns.deadline_us().is_none() {
                    self.let_go();
                }
            }
            None if readings.is_empty() => {}
            None => self.send(at, readings),
        }
    }

    fn let_go(&mut self) {
        if let Some(Held { at, readings }) = self.held.take() {
            self.send(at, readings);
        }
    }

    /// A tick that overran the next one skips it: sampling late twice would not bring the first one back.
    fn plan_next(&mut self, at: clock::Reading) {
        self.next = self.planned(at);
        let after = clock::read();
        if after.mono_us > self.next.mono_us {
            self.missed += 1 + schedule::missed(after.mono_us - self.next.mono_us, self.period_us());
            self.next = self.planned(after);
        }
    }

    fn planned(&self, at: clock::Reading) -> Planned {
        let next = self.everies_us().map(|every_us| schedule::next(at.wall_us, every_us)).min();
        let wall_us = next.unwrap_or(at.wall_us);
        Planned { wall_us, mono_us: at.mono_us + (wall_us - at.wall_us) as u64 }
    }

    fn interval_us(&self) -> i64 {
        self.plan.interval_ms as i64 * 1000
    }

    /// The intervals of the probes, and that of the report about them.
    fn everies_us(&self) -> impl Iterator<Item = i64> {
        self.turns.everies_us().chain([self.interval_us()])
    }

    fn period_us(&self) -> u64 {
        self.everies_us().min().unwrap_or(1) as u64
    }

    /// Sends readings, together with the report of the tick when it waits for no probe any more.
    fn send(&mut self, at: clock::Reading, mut readings: Vec<Reading>) {
        let settled = self.owed && !self.turns.awaits_any();
        let report = settled.then(|| self.report(&mut readings));
        let count = readings.len() as u64;
        if self.out.try_send(Sampled { at: at.now(), readings, report }).is_err() {
            self.vitals.batches_dropped.fetch_add(count, Relaxed);
        }
    }

    /// The next tick comes before all probes of the last one have answered: its report is sent as it is.
    fn pay(&mut self) {
        if self.owed {
            let mut readings = Vec::new();
            let report = Some(self.report(&mut readings));
            if self.out.try_send(Sampled { at: clock::now(), readings, report }).is_err() {
                self.vitals.batches_dropped.fetch_add(1, Relaxed);
            }
        }
    }

    fn report(&mut self, readings: &mut Vec<Reading>) -> Arc<Report> {
        self.owed = false;
        let report = Report { probes: self.turns.statuses(), ticks: self.ticks, missed: self.missed };
        let mut batch = self.turns.spare.remove(OWN).unwrap_or_default();
        report.fill(&self.vitals, &mut batch);
        readings.push(Reading { probe: OWN, batch });
        Arc::new(report)
    }
}
