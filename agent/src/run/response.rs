//! What follows an alert that fires: the evidence is kept and a script is written, without delaying the tick.
//!
//! One thread does it, one alert after the other, so no two of them touch the same directory at once.

use super::RunError;
use crate::config::Config;
use crate::content::PLAYBOOK_DIR;
use crate::mend::{self, Wanted};
use crate::outbox::{Artifact, Asked, Bounds, Outbox, OutboxError, Outcome, Stage, Step};
use crate::respond::{Occasion, RespondError, respond};
use crate::state::{Entry, Recorder};
use crate::{clock, evidence, known};
use hostward_engine::{Alert, State, Transition};
use hostward_harden::finding::state::Event;
use hostward_harden::fix::Library;
use hostward_probes::{Host, Value, evidence as sections};
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

    /// The log has it first: no step is taken that nobody can account for.
    fn step(&self, asked: &Asked) -> Result<Artifact, String> {
        let mut outbox = locked(&self.outbox);
        let artifact = outbox.consider(asked).map_err(|error| format!("{}: {error}", asked.id))?;
        self.note(asked)?;
        let again = outbox.artifacts().iter().any(|own| own.id == asked.id && own.stands());
        outbox.take(artifact.clone()).map_err(|error| error.to_string())?;
        put(&self.recorder, artifact.clone());
        self.follow(&artifact, &asked.step, again);
        Ok(artifact)
    }

    /// What an artifact answers goes the way of the artifact; `again` says that it stood before, so this is a look.
    fn follow(&self, artifact: &Artifact, step: &Step, again: bool) {
        if artifact.finding.is_empty() {
            return;
        }
        let event = match step.stage {
            Stage::Confirmed if again => Event::Seen,
            Stage::Applied | Stage::Confirmed => Event::Applied,
            Stage::Verified => Event::Verified,
            Stage::Rejected | Stage::Expired | Stage::Failed | Stage::RolledBack => Event::Withdrawn,
            _ => return,
        };
        let saw = format!("script {} is {}: {}", artifact.id, step.stage, step.comment);
        let noted = known::note(&self.state_dir, &artifact.finding, event, step.at_ms, &saw);
        if let Err(error) = noted {
            tracing::error!("finding {}: {error}", artifact.finding);
        }
    }

    /// An alert is over: scripts that were to end it, and stand, have.
    fn resolved(&self, alert: &Alert) {
        let stands = |own: &&Artifact| own.alert == alert.id && own.state == Stage::Confirmed;
        let ids: Vec<_> = {
            let outbox = locked(&self.outbox);
            outbox.artifacts().iter().filter(stands).map(|own| (own.id.clone(), own.sha256.clone())).collect()
        };
        for (id, sha256) in ids {
            let comment = format!("{} does not hold any more", alert.expr);
            let (at_ms, by) = (clock::now().wall_ms, "hostward".to_owned());
            let step = Step { stage: Stage::Verified, at_ms, by, comment, sha256, diff_sha256: None };
            if let Err(error) = self.step(&Asked { id, step, four_eyes: false }) {
                tracing::error!("{}: {error}", alert.name);
            }
        }
    }

    fn note(&self, asked: &Asked) -> Result<(), String> {
        let step = &asked.step;
        self.log(Entry {
            at_ms: step.at_ms,
            by: step.by.clone(),
            verb: format!("outbox {}", step.stage),
            object: format!("{} {}", asked.id, step.sha256),
            reason: step.comment.clone(),
        })
    }

    fn log(&self, entry: Entry) -> Result<(), String> {
        let (reply, answer) = oneshot::channel();
        let taken = self.recorder.tell(move |store| drop(reply.send(store.audit(&entry))));
        let written = answer.blocking_recv().ok().filter(|_| taken).ok_or("the store is busy; try again")?;
        written.map_err(|error| format!("not done, for it cannot be noted: {error}"))
    }

    fn answer(&self, alert: &Alert, with_evidence: bool) {
        let kept = with_evidence.then(|| self.keep_evidence(alert)).flatten();
        self.propose(alert, kept.as_deref());
        self.mend(alert);
    }

    fn keep_evidence(&self, alert: &Alert) -> Option<PathBuf> {
        let auth_log = locked(&self.auth_log).clone();
        let sections = sections::evidence(&mut Host::new(&self.root), auth_log.as_deref());
        let written = evidence::write(&self.state_dir, &alert.id, clock::now().wall_ms, &sections);
        written.inspect_err(|error| tracing::error!("{}: no evidence kept: {error}", alert.name)).ok()
    }

    fn propose(&self, alert: &Alert, evidence: Option<&Path>) {
        let at_ms = clock::now().wall_ms;
        let at = Occasion { playbooks: Path::new(PLAYBOOK_DIR), evidence, at_ms, host: &self.host };
        let mut outbox = locked(&self.outbox);
        outbox.set_bounds(*locked(&self.bounds));
        match respond(&mut outbox, alert, at) {
            Ok(Some(Outcome::Written { artifact, dropped })) => self.written(*artifact, dropped),
            Ok(Some(Outcome::TooMany)) => self.refused.inc(),
            Ok(Some(Outcome::Already) | None) => {}
            Err(error) => {
                self.refused.inc();
                self.unwritten
                    .fetch_or(matches!(error, RespondError::Outbox(OutboxError::Write(_))), Relaxed);
                tracing::error!("{}: no script written: {error}", alert.name);
            }
        }
    }

    /// A fix beside the diagnosis, where one is known that nobody has to say more about.
    fn mend(&self, alert: &Alert) {
        let library = mend::library().inspect_err(|error| tracing::error!("fixes: {error}"));
        let Ok(library) = library else { return };
        if let Some(wanted) = mend::for_alert(&library, alert)
            && let Err(error) = self.take_up(&library, &wanted)
        {
            tracing::error!("{}: no fix written: {error}", alert.name);
        }
    }

    fn take_up(&self, library: &Library, wanted: &Wanted) -> Result<Option<Artifact>, String> {
        let at = mend::Occasion { at_ms: clock::now().wall_ms, host: &self.host };
        let outcome = mend::mend(&mut locked(&self.outbox), library, wanted, at)?;
        match outcome {
            Outcome::Written { artifact, dropped } => {
                self.written((*artifact).clone(), dropped);
                Ok(Some(*artifact))
            }
            Outcome::Already => Ok(None),
            Outcome::TooMany => {
                self.refused.inc();
                Err("too many scripts in this hour (outbox.per_hour_max)".to_owned())
            }
        }
    }

    /// What a person wants; who that was is in the log.
    fn want(&self, wanted: &Wanted) -> Result<Artifact, String> {
        let written = self.take_up(&mend::library()?, wanted)?;
        let artifact = written.ok_or("this is in the outbox already")?;
        self.log(Entry {
            at_ms: artifact.created_ms,
            by: wanted.by.clone(),
            verb: "outbox proposed".to_owned(),
            object: format!("{} {}", artifact.id, artifact.sha256),
            reason: wanted.answers.name.clone(),
        })?;
        Ok(artifact)
    }

    fn written(&self, artifact: Artifact, dropped: Vec<String>) {
        tracing::info!("{}: script {} is in the outbox", artifact.alert_name, artifact.id);
        put(&self.recorder, artifact);
        self.recorder.tell(move |store| {
            for id in dropped {
                if let Err(error) = store.remove_artifact(&id) {
                    tracing::warn!("artifact {id}: {error}");
                }
            }
        });
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

/// The host's own name.
pub fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| String::new(), |name| name.trim().to_owned())
}

/// A panic while an alert was answered is no reason to answer no others.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
