//! What is written when an alert fires, or a person wants a fix: evidence, and scripts for the outbox.

use super::{Inner, locked, put};
use crate::content::PLAYBOOK_DIR;
use crate::mend::{self, Wanted};
use crate::outbox::{Artifact, OutboxError, Outcome};
use crate::respond::{Occasion, RespondError, respond};
use crate::state::Entry;
use crate::{clock, evidence};
use hostward_engine::Alert;
use hostward_harden::finding::state::Event;
use hostward_harden::fix::Library;
use hostward_probes::{Host, evidence as sections};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;

impl Inner {
    /// Keeps the evidence, and writes what is known to help: a script that looks, and a fix.
    pub(super) fn answer(&self, alert: &Alert, with_evidence: bool) {
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
    pub(super) fn want(&self, wanted: &Wanted) -> Result<Artifact, String> {
        let written = self.take_up(&mend::library()?, wanted)?;
        let artifact = written.ok_or("this is in the outbox already")?;
        self.follow_to(&artifact, Event::Proposed, artifact.created_ms, "proposed");
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
