//! The thread that keeps the plugins.

use super::ground::Ground;
use super::status::Status;
use super::told;
use super::turns::Turns;
use super::watch::Watch;
use super::worker::{Answer, Answers};
use super::{cgroup, host};
use crate::clock;
use crate::config;
use crate::sampler::{Reading, Sampled};
use crate::vitals::Vitals;
use hostward_engine::own::PLUGINS;
use hostward_model::Batch;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Messages that wait for the loop; what is beyond is thrown away and counted.
const QUEUE_MAX: usize = 64;
/// Files are looked at so often though nothing was told of them.
const LOOK_EVERY_US: u64 = 60_000_000;
/// An editor, or a copy, does several things at once.
const DEBOUNCE_US: u64 = 100_000;
/// Readings that end so close together are told together, so that the loop is woken once.
const HOLD_US: u64 = 100_000;
/// How they fare is told so often though nothing has changed.
const TELL_EVERY_US: u64 = 60_000_000;
/// How long plugins may take to go at the end.
const FAREWELL: Duration = Duration::from_millis(1200);

/// The thread, seen from the loop.
pub struct Plugins {
    inbox: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    /// Something changed in a directory.
    Changed,
    /// A thread has something to say.
    Answer(Answer),
    /// Go on by another configuration.
    Plan(Box<Ground>, usize),
    Stop,
}

struct Thread {
    turns: Turns,
    watch: Option<Watch>,
    vitals: Arc<Vitals>,
    out: mpsc::Sender<Sampled>,
    look_us: u64,
    tell_us: u64,
}

impl Plugins {
    /// Divides the control group of this process, which must have no children yet, and starts the thread; files are looked at once.
    pub fn start(
        config: &config::Plugins,
        state_dir: &Path,
        vitals: Arc<Vitals>,
    ) -> std::io::Result<(Plugins, mpsc::Receiver<Sampled>)> {
        cgroup::divide(config);
        let (inbox, messages) = channel();
        let (out, told) = mpsc::channel(QUEUE_MAX);
        let ground = ground(config, state_dir);
        let answered = inbox.clone();
        let answers: Answers = Arc::new(move |answer| drop(answered.send(Message::Answer(answer))));
        let turns = Turns::new(ground, config.concurrent, answers)?;
        let watch = watch(inbox.clone());
        let thread = Thread { turns, watch, vitals, out, look_us: 0, tell_us: u64::MAX };
        let thread = Builder::new().name("plugins".to_owned()).spawn(move || thread.run(&messages))?;
        Ok((Plugins { inbox, thread: Some(thread) }, told))
    }

    /// Goes on by another configuration.
    pub fn replan(&self, config: &config::Plugins, state_dir: &Path) {
        let ground = Box::new(ground(config, state_dir));
        let _ = self.inbox.send(Message::Plan(ground, config.concurrent));
    }

    /// Ends all plugins. One that does not go in time is killed.
    pub fn stop(&mut self) {
        let _ = self.inbox.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A list of sums that makes no sense trusts nobody: then there are no directories.
fn ground(config: &config::Plugins, state_dir: &Path) -> Ground {
    match Ground::new(config, state_dir) {
        Ok(ground) => ground,
        Err(why) => {
            tracing::error!("no plugin runs: {why}");
            let config = config::Plugins { enabled: false, sha256: None, ..config.clone() };
            Ground::new(&config, state_dir).unwrap_or_else(|_| unreachable!("nothing is read but the list"))
        }
    }
}

fn watch(inbox: Sender<Message>) -> Option<Watch> {
    let watch = Watch::start(move || inbox.send(Message::Changed).is_ok());
    watch
        .inspect_err(|error| tracing::warn!("changes of plugins will be noticed once a minute: {error}"))
        .ok()
}

impl Thread {
    fn run(mut self, messages: &Receiver<Message>) {
        host::find();
        loop {
            match messages.recv_timeout(clock::until(self.wake_us())) {
                Ok(Message::Changed) => self.look_us = self.look_us.min(clock::read().mono_us + DEBOUNCE_US),
                Ok(Message::Answer(answer)) => {
                    let at = clock::read();
                    self.turns.answered(at, answer);
                    self.soon(at);
                }
                Ok(Message::Plan(ground, concurrent)) => {
                    self.turns.replan(*ground, concurrent);
                    self.look_us = 0;
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return self.end(messages),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.work();
        }
    }

    fn wake_us(&self) -> u64 {
        self.turns.wake_us().into_iter().fold(self.look_us.min(self.tell_us), u64::min)
    }

    fn soon(&mut self, at: clock::Reading) {
        self.tell_us = self.tell_us.min(at.mono_us + HOLD_US);
    }

    fn work(&mut self) {
        let at = clock::read();
        if self.look_us <= at.mono_us || self.turns.settles_by(at) {
            self.turns.look(at, self.watch.as_ref());
            self.look_us = at.mono_us + LOOK_EVERY_US;
            self.soon(at);
        }
        self.turns.start_due(at);
        if self.tell_us <= at.mono_us || !self.turns.ready.is_empty() && !self.turns.is_busy() {
            self.tell(at);
        }
    }

    fn tell(&mut self, at: clock::Reading) {
        let statuses: Vec<Status> = self.turns.statuses().cloned().collect();
        let mut batch = Batch::new();
        told::fill(statuses.iter(), &mut batch);
        *self.vitals.plugins.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(statuses);
        let mut readings = std::mem::take(&mut self.turns.ready);
        readings.push(Reading { probe: PLUGINS, batch });
        let count = readings.len() as u64;
        if self.out.try_send(Sampled { at: at.now(), readings, report: None }).is_err() {
            self.vitals.batches_dropped.fetch_add(count, Relaxed);
        }
        self.tell_us = at.mono_us + TELL_EVERY_US;
    }

    /// All plugins are told to go, and waited for.
    fn end(self, messages: &Receiver<Message>) {
        let begun = Instant::now();
        let mut left = self.turns.go();
        while left > 0 {
            match messages.recv_timeout(FAREWELL.saturating_sub(begun.elapsed())) {
                Ok(Message::Answer(Answer::Read { .. } | Answer::Ended { .. })) => left -= 1,
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}
