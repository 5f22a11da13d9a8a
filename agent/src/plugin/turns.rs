//! The plugins that there are, each with its place in time: when it is read next, and what came of the last time.

mod files;

use super::backoff::Backoff;
use super::claims::Claims;
use super::found::Found;
use super::ground::Ground;
use super::once::Memory;
use super::reading::Reading;
use super::rows;
use super::settle::settle;
use super::spec::Kind;
use super::status::{Standing, Status};
use super::stay::Ended;
use super::trouble::Trouble;
use super::worker::{self, Answer, Answers, Job};
use crate::clock;
use crate::sampler;
use hostward_model::Batch;
use std::collections::HashMap;
use std::io::{PipeReader, PipeWriter};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A file must have been as it is for so long before it is taken for whole.
const SETTLE_US: u64 = 200_000;
/// A value counts for 5 minutes; those of plugins that are read more seldom are told again.
const TOLD_AGAIN: Duration = Duration::from_secs(60);

/// All plugins.
pub struct Turns {
    list: Vec<Turn>,
    ground: Arc<Ground>,
    /// Files that may not be whole yet, with the time since when they are as they are.
    pending: HashMap<PathBuf, (Found, u64)>,
    claims: Claims,
    answers: Answers,
    /// Readings under way, and those of them that failed the last time.
    running: (usize, usize),
    concurrent: usize,
    next_id: u64,
    /// What is to be told.
    pub ready: Vec<sampler::Reading>,
    /// Ends all that runs when it is dropped.
    stop: (PipeReader, PipeWriter),
}

struct Turn {
    id: u64,
    found: Found,
    /// It was settled by rules that do not hold any more.
    is_outdated: bool,
    /// Its name as a probe.
    name: &'static str,
    status: Status,
    work: Work,
    due_us: u64,
    begun_us: u64,
    backoff: Backoff,
    memory: Memory,
    /// What it said, to be told again.
    kept: Option<(u64, Batch)>,
}

enum Work {
    /// Nothing is to be done.
    None,
    /// Until it is due.
    Idle,
    /// A thread reads it.
    Running,
    /// A thread lives with it, until the other end is dropped.
    Staying { stop: PipeWriter, since: Instant },
}

impl Turns {
    /// None yet.
    pub fn new(ground: Ground, concurrent: usize, answers: Answers) -> std::io::Result<Self> {
        Ok(Turns {
            list: Vec::new(),
            ground: Arc::new(ground),
            pending: HashMap::new(),
            claims: Claims::default(),
            answers,
            running: (0, 0),
            concurrent,
            next_id: 0,
            ready: Vec::new(),
            stop: std::io::pipe()?,
        })
    }

    /// Goes on by other rules; what stays the same under them goes on undisturbed.
    pub fn replan(&mut self, ground: Ground, concurrent: usize) {
        (self.ground, self.concurrent) = (Arc::new(ground), concurrent);
        for turn in &mut self.list {
            turn.is_outdated = match settle(&turn.found, &self.ground) {
                Ok(plugin) => plugin != turn.status.plugin,
                Err(_) => true,
            };
        }
    }

    /// How they fare.
    pub fn statuses(&self) -> impl Iterator<Item = &Status> {
        self.list.iter().map(|turn| &turn.status)
    }

    /// Readings and lives that are under way.
    pub fn is_busy(&self) -> bool {
        self.running.0 > 0
    }

    /// When something is to be done next.
    pub fn wake_us(&self) -> Option<u64> {
        let settles = self.pending.values().map(|(_, since)| since + SETTLE_US);
        let again = self.list.iter().filter_map(|turn| turn.kept.as_ref().map(|(at, _)| *at));
        let due = self.list.iter().filter(|turn| self.may_run(turn)).map(|turn| turn.due_us);
        settles.chain(again).chain(due).min()
    }

    /// Whether files may be whole by now.
    pub fn settles_by(&self, at: clock::Reading) -> bool {
        self.pending.values().any(|(_, since)| since + SETTLE_US <= at.mono_us)
    }

    /// Tells all that run to go. How many they are.
    pub fn go(self) -> usize {
        let stays = |turn: &&Turn| matches!(turn.work, Work::Staying { .. });
        self.running.0 + self.list.iter().filter(stays).count()
    }

    /// Those that fail share one place, so that they cannot hold up the others.
    fn may_run(&self, turn: &Turn) -> bool {
        let has_place =
            self.running.0 < self.concurrent && !(turn.backoff.is_failing() && self.running.1 > 0);
        matches!(turn.work, Work::Idle) && (has_place || turn.stays())
    }

    /// Starts what is due, and tells again what is read seldom.
    pub fn start_due(&mut self, at: clock::Reading) {
        let mut order: Vec<usize> = (0..self.list.len()).collect();
        order.sort_by_key(|index| self.list[*index].due_us);
        for index in order {
            if self.list[index].due_us <= at.mono_us && self.may_run(&self.list[index]) {
                self.start(index, at);
            }
            let turn = &mut self.list[index];
            if let Some((again_us, batch)) = &mut turn.kept
                && *again_us <= at.mono_us
            {
                *again_us = at.mono_us + TOLD_AGAIN.as_micros() as u64;
                self.ready.push(sampler::Reading { probe: turn.name, batch: batch.clone() });
            }
        }
    }

    fn start(&mut self, index: usize, at: clock::Reading) {
        let turn = &mut self.list[index];
        let Some(plugin) = turn.status.plugin.clone() else { return };
        turn.begun_us = at.mono_us;
        turn.due_us = at.mono_us + plugin.every.as_micros() as u64;
        let (id, stays) = (turn.id, plugin.stays);
        let job = Job { id, plugin, ground: self.ground.clone(), answers: self.answers.clone() };
        let started = match stays {
            true => std::io::pipe().and_then(|(told, stop)| {
                worker::live(job, told)?;
                turn.status.restarts += u64::from(turn.status.runs + turn.status.failures > 0);
                turn.work = Work::Staying { stop, since: Instant::now() };
                Ok(())
            }),
            false => self.stop.0.try_clone().and_then(|told| {
                let was_failing = turn.backoff.is_failing();
                worker::read(job, told, std::mem::take(&mut turn.memory), was_failing)?;
                turn.work = Work::Running;
                self.running = (self.running.0 + 1, self.running.1 + usize::from(was_failing));
                Ok(())
            }),
        };
        if let Err(error) = started {
            turn.status.failed(Trouble::start(error), at.now().wall_ms);
        }
    }

    /// Takes what a thread has to say.
    pub fn answered(&mut self, at: clock::Reading, answer: Answer) {
        match answer {
            Answer::Read { id, reading, memory, was_failing } => {
                self.running = (self.running.0 - 1, self.running.1 - usize::from(was_failing));
                if let Some(index) = self.position(id) {
                    self.list[index].memory = memory;
                    self.list[index].work = Work::Idle;
                    self.read(index, at, &reading);
                    self.list[index].settle_account(at);
                }
            }
            Answer::Heard { id, reading } => {
                if let Some(index) = self.position(id) {
                    self.read(index, at, &reading);
                    self.list[index].heard();
                }
            }
            Answer::Ended { id, ended } => {
                if let Some(index) = self.position(id) {
                    self.ended(index, at, ended);
                }
            }
        }
    }

    fn position(&self, id: u64) -> Option<usize> {
        self.list.iter().position(|turn| turn.id == id)
    }

    fn read(&mut self, index: usize, at: clock::Reading, reading: &Reading) {
        let turn = &mut self.list[index];
        let Some(plugin) = &turn.status.plugin else { return };
        let (now, name) = (at.now().wall_ms, &turn.name["plugin:".len()..]);
        let (batch, refused) =
            rows::batch(&reading.report, plugin, name, &mut self.claims, now as f64 / 1000.0);
        turn.status.read(reading, batch.len(), refused, now);
        let seldom = turn.status.pace().is_some_and(|pace| pace.every > TOLD_AGAIN);
        turn.kept = (seldom && !batch.is_empty())
            .then(|| (at.mono_us + TOLD_AGAIN.as_micros() as u64, batch.clone()));
        self.ready.push(sampler::Reading { probe: turn.name, batch });
    }

    fn ended(&mut self, index: usize, at: clock::Reading, ended: Ended) {
        let turn = &mut self.list[index];
        let work = std::mem::replace(&mut turn.work, Work::Idle);
        turn.status.cost(ended.cost.cpu_seconds, ended.cost.rss_peak_bytes, ended.cost.left);
        let (Some(trouble), Work::Staying { since, stop }) = (ended.trouble, work) else { return };
        drop(stop);
        turn.backoff.lived(since.elapsed());
        turn.status.failed(trouble, at.now().wall_ms);
        turn.settle_account(at);
        turn.kept = None;
        self.ready.push(sampler::Reading { probe: turn.name, batch: Batch::new() });
    }
}

impl Turn {
    fn stays(&self) -> bool {
        self.status.plugin.as_ref().is_some_and(|plugin| plugin.stays)
    }

    fn is_text(&self) -> bool {
        self.status.plugin.as_ref().is_some_and(|plugin| plugin.kind == Kind::Text)
    }

    /// A plugin that stays has said something. Whether it is a good one is seen in how long it lives.
    fn heard(&mut self) {
        if self.status.trouble.as_ref().is_some_and(|trouble| trouble.word == "disabled") {
            (self.work, self.status.state) = (Work::None, Standing::Disabled);
        }
    }

    /// After a reading, or a life: when the next one is due.
    fn settle_account(&mut self, at: clock::Reading) {
        let every = self.status.pace().map_or(TOLD_AGAIN, |pace| pace.every);
        let (is_disabled, is_costly) = self
            .status
            .trouble
            .as_ref()
            .map_or((false, false), |own| (own.word == "disabled", own.is_costly));
        if is_disabled {
            (self.work, self.status.state) = (Work::None, Standing::Disabled);
        } else if is_costly {
            let wait = self.backoff.failed(every);
            self.due_us = at.mono_us + wait.as_micros() as u64;
            if self.backoff.is_quarantined() {
                self.status.state = Standing::Quarantined;
            }
        } else {
            self.backoff.well();
            self.due_us = self.due_us.max(self.begun_us + every.as_micros() as u64);
        }
    }
}
