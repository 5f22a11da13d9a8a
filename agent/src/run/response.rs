//! What follows an alert that fires: the evidence is kept and a script is written, without delaying the tick.
//!
//! One thread does it, one alert after the other, so no two of them touch the same directory at once.

mod steps;
mod writing;

use super::RunError;
use crate::config::Config;
use crate::evidence;
use crate::hostname::host_name;
use crate::mend::Wanted;
use crate::outbox::{Artifact, Asked, Bounds, Outbox};
use crate::state::Recorder;
use hostward_engine::{Alert, State, Transition};
use hostward_probes::Value;
use prometheus::IntCounter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Alerts that wait to be answered; more are counted and left without a script.
const ANSWERS_MAX: usize = 64;
/// As the store's thread has.
const STACK_BYTES: usize = 512 << 10;

/// Answers alerts, on a thread of its own.
pub struct Responder {
    inner: Arc<Inner>,
    queue: SyncSender<Question>,
}

/// What is asked of the thread.
enum Question {
    /// An alert to be answered, and whether evidence is to be kept.
    Alert(Box<Alert>, bool),
    /// A fix that a person wants, and where the answer goes.
    Fix(Box<Wanted>, oneshot::Sender<Result<Artifact, String>>),
    /// An alert that is over.
    Resolved(Box<Alert>),
    /// A step of a script, and where the answer goes.
    Step(Asked, oneshot::Sender<Result<Artifact, String>>),
}

struct Inner {
    /// Locked while a script is written, which a disk can make long: never by the loop.
    outbox: Mutex<Outbox>,
    bounds: Mutex<Bounds>,
    state_dir: PathBuf,
    root: PathBuf,
    auth_log: Mutex<Option<String>>,
    host: String,
    recorder: Recorder,
    /// A script could not be written; the disk may have room again later.
    unwritten: AtomicBool,
    refused: IntCounter,
}

impl Responder {
    /// Opens the outbox, and tells the store of scripts that it does not know.
    pub fn open(
        state_dir: &Path,
        root: &Path,
        config: &Config,
        known: &[Artifact],
        recorder: Recorder,
        refused: IntCounter,
    ) -> Result<Self, RunError> {
        let outbox =
            Outbox::open(state_dir, bounds(config)).map_err(RunError::failed("cannot open the outbox"))?;
        for artifact in outbox.artifacts().iter().filter(|own| !known.contains(own)) {
            put(&recorder, artifact.clone());
        }
        let inner = Inner {
            outbox: Mutex::new(outbox),
            bounds: Mutex::new(bounds(config)),
            state_dir: state_dir.to_owned(),
            root: root.to_owned(),
            auth_log: Mutex::new(auth_log(config)),
            host: host_name(),
            recorder,
            unwritten: AtomicBool::new(false),
            refused,
        };
        if let Err(error) = evidence::sweep(&inner.state_dir) {
            tracing::warn!("cannot clear what an interrupted write of evidence left: {error}");
        }
        Self::start(Arc::new(inner)).map_err(RunError::failed("cannot start the thread that writes scripts"))
    }

    fn start(inner: Arc<Inner>) -> std::io::Result<Self> {
        let (queue, questions) = sync_channel(ANSWERS_MAX);
        let own = inner.clone();
        let thread = std::thread::Builder::new().name("responder".to_owned()).stack_size(STACK_BYTES);
        thread.spawn(move || own.work_off(&questions))?;
        Ok(Responder { inner, queue })
    }

    /// Takes the settings of another configuration.
    pub fn set(&self, config: &Config) {
        *locked(&self.inner.bounds) = bounds(config);
        *locked(&self.inner.auth_log) = auth_log(config);
    }

    /// An alert changed, and that is written down: answers it if it began to fire, and sees whom its end proves right.
    pub fn transition(&self, transition: Transition) {
        if transition.alert.state == State::Firing && transition.from != State::Firing {
            self.answer(transition.alert, true);
        } else if transition.alert.state == State::Resolved {
            let _ = self.queue.try_send(Question::Resolved(Box::new(transition.alert)));
        }
    }

    /// Answers what fires once more if a script could not be written; those that have one are left alone.
    pub fn retry<'a>(&self, alerts: impl Iterator<Item = &'a Alert>) {
        if self.inner.unwritten.swap(false, Relaxed) {
            alerts
                .filter(|alert| alert.state == State::Firing)
                .for_each(|alert| self.answer(alert.clone(), false));
        }
    }

    /// Answers a firing alert; with evidence unless the moment is long gone.
    pub fn answer(&self, alert: Alert, with_evidence: bool) {
        if self.queue.try_send(Question::Alert(Box::new(alert), with_evidence)).is_err() {
            self.inner.refused.inc();
        }
    }

    /// Renders a fix that a person wants, unless too much waits already: then nobody answers.
    pub fn want(&self, wanted: Wanted, reply: oneshot::Sender<Result<Artifact, String>>) {
        let _ = self.queue.try_send(Question::Fix(Box::new(wanted), reply));
    }

    /// Takes a script a step further, unless too much waits already: then nobody answers.
    pub fn step(&self, asked: Asked, reply: oneshot::Sender<Result<Artifact, String>>) {
        let _ = self.queue.try_send(Question::Step(asked, reply));
    }
}

impl Inner {
    /// A panic while an alert was answered is no reason to answer no others.
    fn work_off(&self, questions: &Receiver<Question>) {
        for question in questions {
            match question {
                Question::Alert(alert, with_evidence) => {
                    let answer = AssertUnwindSafe(|| self.answer(&alert, with_evidence));
                    if catch_unwind(answer).is_err() {
                        self.refused.inc();
                        tracing::error!("{}: answering it was broken off", alert.name);
                    }
                }
                Question::Fix(wanted, reply) => drop(reply.send(self.want(&wanted))),
                Question::Resolved(alert) => self.resolved(&alert),
                Question::Step(asked, reply) => drop(reply.send(self.step(&asked))),
            }
        }
    }
}

/// A store that cannot take it now learns of it at the next start: the files are the truth.
fn put(recorder: &Recorder, artifact: Artifact) {
    recorder.tell(move |store| {
        if let Err(error) = store.put_artifact(&artifact) {
            tracing::warn!("artifact {}: {error}", artifact.id);
        }
    });
}

fn bounds(config: &Config) -> Bounds {
    Bounds { kept_max: config.outbox.kept_max, per_hour_max: config.outbox.per_hour_max }
}

fn auth_log(config: &Config) -> Option<String> {
    let path = config.probe("authlog").own.get("path")?.clone();
    if let Value::Text(path) = path { Some(path) } else { None }
}

/// A panic while an alert was answered is no reason to answer no others.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
