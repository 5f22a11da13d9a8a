//! Steps of scripts: each is taken once the log has it, and what the script answers goes the same way.

use super::{Inner, locked, put};
use crate::outbox::{Artifact, Asked, Stage, Step};
use crate::state::Entry;
use crate::{clock, known};
use hostward_engine::Alert;
use hostward_harden::finding::state::Event;
use tokio::sync::oneshot;

impl Inner {
    /// The log has it first: no step is taken that nobody can account for.
    pub(super) fn step(&self, asked: &Asked) -> Result<Artifact, String> {
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
        let event = match step.stage {
            Stage::Confirmed if again => Event::Seen,
            Stage::Applied | Stage::Confirmed => Event::Applied,
            Stage::Verified => Event::Verified,
            Stage::Rejected | Stage::Expired | Stage::Failed | Stage::RolledBack => Event::Withdrawn,
            _ => return,
        };
        self.follow_to(artifact, event, step.at_ms, &format!("{}: {}", step.stage, step.comment));
    }

    pub(super) fn follow_to(&self, artifact: &Artifact, event: Event, at_ms: i64, how: &str) {
        if artifact.finding.is_empty() {
            return;
        }
        let saw = format!("script {} is {how}", artifact.id);
        if let Err(error) = known::note(&self.state_dir, &artifact.finding, event, at_ms, &saw) {
            tracing::error!("finding {}: {error}", artifact.finding);
        }
    }

    /// An alert is over: scripts that were to end it, and stand, have.
    pub(super) fn resolved(&self, alert: &Alert) {
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

    pub(super) fn log(&self, entry: Entry) -> Result<(), String> {
        let (reply, answer) = oneshot::channel();
        let taken = self.recorder.tell(move |store| drop(reply.send(store.audit(&entry))));
        let written = answer.blocking_recv().ok().filter(|_| taken).ok_or("the store is busy; try again")?;
        written.map_err(|error| format!("not done, for it cannot be noted: {error}"))
    }
}
