//! What follows an alert that fires: the evidence is kept and a script is written, without delaying the tick.

use super::{Recorder, RunError};
use crate::config::Config;
use crate::content::PLAYBOOK_DIR;
use crate::outbox::{Artifact, Bounds, Outbox, OutboxError, Outcome};
use crate::respond::{Occasion, RespondError, respond};
use crate::{clock, evidence};
use hostward_engine::{Alert, State, Transition};
use hostward_probes::{Host, facts};
use prometheus::IntCounter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Alerts that are being answered or wait for it; more are counted and left without a script.
const ANSWERS_MAX: usize = 64;

/// Answers alerts on blocking threads.
#[derive(Clone)]
pub struct Responder {
    inner: Arc<Inner>,
}

struct Inner {
    outbox: Mutex<Outbox>,
    state_dir: PathBuf,
    root: PathBuf,
    auth_log: Mutex<Option<String>>,
    host: String,
    recorder: Recorder,
    under_way: AtomicUsize,
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
            state_dir: state_dir.to_owned(),
            root: root.to_owned(),
            auth_log: Mutex::new(auth_log(config)),
            host: host_name(),
            recorder,
            under_way: AtomicUsize::new(0),
            unwritten: AtomicBool::new(false),
            refused,
        };
        Ok(Responder { inner: Arc::new(inner) })
    }

    /// Takes the settings of another configuration.
    pub fn set(&self, config: &Config) {
        locked(&self.inner.outbox).set_bounds(bounds(config));
        *locked(&self.inner.auth_log) = auth_log(config);
    }

    /// An alert changed, and that is written down: answers it if it began to fire.
    pub fn transition(&self, transition: Transition) {
        if transition.alert.state == State::Firing && transition.from != State::Firing {
            self.answer(transition.alert, true);
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
        if self.inner.under_way.fetch_add(1, Relaxed) >= ANSWERS_MAX {
            self.inner.under_way.fetch_sub(1, Relaxed);
            self.inner.refused.inc();
            return;
        }
        let inner = self.inner.clone();
        tokio::task::spawn_blocking(move || {
            let kept = with_evidence.then(|| inner.keep_evidence(&alert)).flatten();
            inner.propose(&alert, kept.as_deref());
            inner.under_way.fetch_sub(1, Relaxed);
        });
    }
}

impl Inner {
    fn keep_evidence(&self, alert: &Alert) -> Option<PathBuf> {
        let auth_log = locked(&self.auth_log).clone();
        let sections = facts::evidence(&mut Host::new(&self.root), auth_log.as_deref());
        let written = evidence::write(&self.state_dir, &alert.id, clock::now().wall_ms, &sections);
        written.inspect_err(|error| tracing::error!("{}: no evidence kept: {error}", alert.name)).ok()
    }

    fn propose(&self, alert: &Alert, evidence: Option<&Path>) {
        let at_ms = clock::now().wall_ms;
        let at = Occasion { playbooks: Path::new(PLAYBOOK_DIR), evidence, at_ms, host: &self.host };
        match respond(&mut locked(&self.outbox), alert, at) {
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
    config.probe("authlog").path.map(|path| path.to_string_lossy().into_owned())
}

fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| String::new(), |name| name.trim().to_owned())
}

/// A panic while an alert was answered is no reason to answer no others.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
