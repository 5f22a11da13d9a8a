//! The thread that decides when to audit, waits for the child, and tells what came of it.

use super::ask::{self, TIME_MAX};
use super::keep::{self, Summary};
use super::schedule::Schedule;
use super::told::{self, Picture};
use super::watch::{Watch, Watched};
use crate::clock;
use crate::config;
use crate::sampler::{Reading, Sampled};
use crate::state::Recorder;
use hostward_engine::own::AUDIT;
use hostward_model::Batch;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::Duration;
use tokio::sync::mpsc;

/// Messages that wait for the loop; the thread waits with what is beyond.
const QUEUE_MAX: usize = 4;
/// A thread that waits for nothing else looks around so often.
const IDLE: Duration = Duration::from_secs(3600);
const STACK_BYTES: usize = 512 << 10;

/// The thread, seen from the loop.
pub struct Auditing {
    inbox: Sender<Message>,
}

/// What the thread is told.
pub enum Message {
    /// A file changed.
    Changed,
    /// The child has answered, or not.
    Answer(Result<Box<Summary>, String>),
    /// Go on by another configuration.
    Plan(config::Audit),
    /// Go.
    Stop,
}

struct Thread {
    config: config::Audit,
    root: PathBuf,
    state_dir: PathBuf,
    recorder: Recorder,
    schedule: Schedule,
    watch: Option<Watch>,
    inbox: Sender<Message>,
    out: mpsc::Sender<Sampled>,
    running: Option<Running>,
    picture: Option<Picture>,
    /// Whether the last attempt came to its end; nothing before the first.
    succeeded: Option<bool>,
}

struct Running {
    child: Child,
    begun_us: u64,
    /// Something changed that it may have looked at before.
    stale: bool,
}

impl Auditing {
    /// Starts the thread; what the last process found is told at once.
    pub fn start(
        config: &config::Audit,
        root: &Path,
        state_dir: &Path,
        recorder: Recorder,
    ) -> io::Result<(Auditing, mpsc::Receiver<Sampled>)> {
        let (inbox, messages) = channel();
        let (out, told) = mpsc::channel(QUEUE_MAX);
        let at = clock::read();
        let thread = Thread {
            config: config.clone(),
            root: root.to_owned(),
            state_dir: state_dir.to_owned(),
            recorder,
            schedule: Schedule::new(config, at.mono_us, None),
            watch: None,
            inbox: inbox.clone(),
            out,
            running: None,
            picture: None,
            succeeded: None,
        };
        let thread = move || thread.begin().run(&messages);
        Builder::new().name("audit".to_owned()).stack_size(STACK_BYTES).spawn(thread)?;
        Ok((Auditing { inbox }, told))
    }

    /// Goes on by another configuration.
    pub fn replan(&self, config: &config::Audit) {
        let _ = self.inbox.send(Message::Plan(config.clone()));
    }

    /// Ends it, and a child that runs. Nobody waits: neither has anything that could be lost.
    pub fn stop(&self) {
        let _ = self.inbox.send(Message::Stop);
    }
}

impl Thread {
    /// Files are read here and not by whoever starts the thread.
    fn begin(mut self) -> Self {
        let at = clock::read();
        if let Some(summary) = keep::read(&self.state_dir).filter(|_| self.config.enabled) {
            let age_ms = at.now().wall_ms - summary.picture.at_ms;
            self.schedule = Schedule::new(&self.config, at.mono_us, Some(age_ms));
            self.show(summary);
        }
        self
    }

    fn run(mut self, messages: &Receiver<Message>) {
        loop {
            match messages.recv_timeout(self.patience()) {
                Ok(Message::Changed) => self.changed(),
                Ok(Message::Answer(answer)) => self.answered(answer),
                Ok(Message::Plan(config)) => self.plan(config),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return self.kill(),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.work();
        }
    }

    fn patience(&self) -> Duration {
        let due = if self.running.is_some() { None } else { self.schedule.due_us() };
        let end = self.running.as_ref().map(|own| own.begun_us + TIME_MAX.as_micros() as u64);
        due.into_iter().chain(end).min().map_or(IDLE, clock::until)
    }

    fn work(&mut self) {
        let now_us = clock::read().mono_us;
        let limit_us = TIME_MAX.as_micros() as u64;
        if self.running.as_ref().is_some_and(|own| own.begun_us + limit_us <= now_us) {
            self.kill();
            self.failed(now_us, limit_us, &format!("it took more than {} s", TIME_MAX.as_secs()));
        }
        if self.running.is_none() && self.schedule.due_us().is_some_and(|due| due <= now_us) {
            self.ask(now_us);
        }
    }

    fn ask(&mut self, now_us: u64) {
        let inbox = self.inbox.clone();
        let then = move |answer: Result<_, _>| drop(inbox.send(Message::Answer(answer.map(Box::new))));
        match ask::start(&self.root, &self.state_dir, self.config.findings, then) {
            Ok(child) => self.running = Some(Running { child, begun_us: now_us, stale: false }),
            Err(error) => self.failed(now_us, 0, &error.to_string()),
        }
    }

    fn changed(&mut self) {
        match &mut self.running {
            Some(running) => running.stale = true,
            None => self.schedule.changed(clock::read().mono_us),
        }
    }

    /// The answer of a child that was given up comes when nothing runs.
    fn answered(&mut self, answer: Result<Box<Summary>, String>) {
        let Some(mut running) = self.running.take() else { return };
        // It has closed its output, and so is at its end.
        let _ = running.child.wait();
        let at = clock::read();
        let took_us = at.mono_us - running.begun_us;
        match answer {
            Ok(summary) => {
                self.schedule.ended(at.mono_us, took_us, true);
                self.audited(*summary);
            }
            Err(why) => self.failed(at.mono_us, took_us, &why),
        }
        if running.stale {
            self.schedule.changed(at.mono_us);
        }
    }

    fn audited(&mut self, summary: Summary) {
        for entry in &summary.notes {
            tracing::warn!("{} {}: {}", entry.verb, entry.object, entry.reason);
            let entry = entry.clone();
            self.recorder.tell(move |store| {
                if let Err(error) = store.audit(&entry) {
                    tracing::error!("cannot note that a check changed: {error}");
                }
            });
        }
        summary.unkept.iter().for_each(|why| tracing::warn!("failed checks are no findings: {why}"));
        self.succeeded = Some(true);
        self.show(summary);
    }

    fn show(&mut self, summary: Summary) {
        self.picture = Some(summary.picture);
        self.tell();
        if self.watch.is_none() && self.config.watch {
            let inbox = self.inbox.clone();
            let watch = Watch::start(move || inbox.send(Message::Changed).is_ok());
            self.watch = watch
                .inspect_err(|error| {
                    tracing::warn!("changes bring about no audit, only the clock does: {error}")
                })
                .ok();
        }
        if let Some(watch) = &self.watch {
            watch.set(if self.config.watch { summary.watched } else { Watched::default() });
        }
    }

    fn failed(&mut self, now_us: u64, took_us: u64, why: &str) {
        tracing::error!("the audit failed, which is tried again: {why}");
        self.schedule.ended(now_us, took_us, false);
        self.succeeded = Some(false);
        self.tell();
    }

    fn plan(&mut self, config: config::Audit) {
        self.config = config;
        self.schedule.set(&self.config);
        if !self.config.enabled {
            (self.picture, self.succeeded) = (None, None);
            self.watch.iter().for_each(|own| own.set(Watched::default()));
            self.tell();
        } else if let Some(summary) = keep::read(&self.state_dir) {
            self.show(summary);
        }
    }

    /// The loop repeats it until it hears something else.
    fn tell(&self) {
        let mut batch = Batch::new();
        told::fill(self.picture.as_ref(), self.succeeded, &mut batch);
        let readings = vec![Reading { probe: AUDIT, batch }];
        // Without a loop nobody is interested.
        let _ = self.out.blocking_send(Sampled { at: clock::now(), readings, report: None });
    }

    fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            // It fails when the child is gone already.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}
