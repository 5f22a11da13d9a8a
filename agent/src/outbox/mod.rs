//! Where scripts wait for a person: rendered once per firing episode, few, and whole.

mod artifact;
mod propose;
mod stage;
mod step;
#[cfg(test)]
mod tests;

pub use artifact::{Artifact, Kind};
pub use propose::{Answered, OutboxError, Outcome, Proposal, sha256};
pub use stage::{Stage, Step};
pub use step::Asked;

use crate::durable::{self, gone};
use hostward_model::time;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Bounds of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Scripts that are kept; the oldest go.
    pub kept_max: usize,
    /// Scripts that are written in any hour; more are refused and counted.
    pub per_hour_max: usize,
}

const HOUR_MS: i64 = 3_600_000;

/// The outbox of a state directory. Its files are the truth; the database has a copy of their metadata.
#[derive(Debug)]
pub struct Outbox {
    dir: PathBuf,
    bounds: Bounds,
    /// Oldest first.
    artifacts: Vec<Artifact>,
}

impl Outbox {
    /// Opens `outbox/` below the state directory, and clears what an interrupted write left behind.
    pub fn open(state_dir: &Path, bounds: Bounds) -> io::Result<Outbox> {
        let dir = state_dir.join("outbox");
        durable::private_dir(&dir)?;
        durable::sweep(&dir)?;
        let mut artifacts = read_all(&dir)?;
        artifacts.sort_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)));
        remove_orphans(&dir)?;
        Ok(Outbox { dir, bounds, artifacts })
    }

    /// Takes new bounds; a smaller one takes effect at the next proposal.
    pub fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// What is in it, the oldest first.
    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    /// The script of an artifact.
    pub fn script(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.sh"))
    }

    fn metadata(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    /// Whether this has been answered in this way.
    fn has(&self, what: &Answered, playbook: &str) -> bool {
        let is_it = |own: &Artifact| {
            own.alert == what.alert && own.fired_ms == what.at_ms && own.playbook == playbook
        };
        self.artifacts.iter().any(is_it)
    }

    /// A clock that was set back leaves artifacts in the future; they do not count.
    fn is_over_rate(&self, at_ms: i64) -> bool {
        let hour = at_ms - HOUR_MS..=at_ms;
        let lately = self.artifacts.iter().filter(|own| hour.contains(&own.created_ms)).count();
        lately >= self.bounds.per_hour_max
    }

    /// The time, the start of the alert's id or of what is rendered, and a count: the same inputs give the same id.
    fn fresh_id(&self, proposal: &Proposal<'_>) -> String {
        let alert = &proposal.answers.alert;
        let name = if alert.is_empty() { proposal.playbook } else { alert };
        let short: String = name.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let stamp = time::stamp(proposal.at_ms);
        let mut count = 1;
        loop {
            let id = format!("{stamp}-{short}-{count}");
            if !self.metadata(&id).exists() {
                return id;
            }
            count += 1;
        }
    }

    /// The metadata comes last: an artifact is there when it is described.
    fn keep(&mut self, artifact: Artifact, script: &str) -> io::Result<()> {
        durable::write(&self.script(&artifact.id), script.as_bytes())?;
        self.describe(&artifact)?;
        self.artifacts.push(artifact);
        Ok(())
    }

    fn describe(&self, artifact: &Artifact) -> io::Result<()> {
        let text = serde_json::to_string_pretty(artifact).map_err(io::Error::other)?;
        durable::write(&self.metadata(&artifact.id), format!("{text}\n").as_bytes())
    }

    /// Removes the oldest beyond the bound and names them.
    fn trim(&mut self) -> io::Result<Vec<String>> {
        let mut dropped = Vec::new();
        while self.artifacts.len() > self.bounds.kept_max.max(1) {
            let id = self.artifacts[0].id.clone();
            gone(fs::remove_file(self.metadata(&id)))?;
            gone(fs::remove_file(self.script(&id)))?;
            self.artifacts.remove(0);
            dropped.push(id);
        }
        Ok(dropped)
    }
}

/// A description that makes no sense is set aside under a name that is not read again.
fn read_all(dir: &Path) -> io::Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    for file in durable::files(dir, ".json")? {
        match serde_json::from_slice::<Artifact>(&fs::read(&file)?) {
            Ok(artifact) if file.file_stem().is_some_and(|stem| stem == artifact.id.as_str()) => {
                artifacts.push(artifact);
            }
            outcome => {
                let error =
                    outcome.err().map_or("names another artifact".to_owned(), |error| error.to_string());
                let kept = file.with_extension("damaged");
                tracing::error!(file = %file.display(), error, kept = %kept.display(), "damaged, set aside");
                fs::rename(&file, &kept)?;
            }
        }
    }
    Ok(artifacts)
}

/// A script without a description was interrupted on its way, or its description is damaged: nobody can say
/// what it answers.
fn remove_orphans(dir: &Path) -> io::Result<()> {
    for script in durable::files(dir, ".sh")? {
        let described = script.with_extension("json").exists() || script.with_extension("damaged").exists();
        if !described {
            fs::remove_file(script)?;
        }
    }
    Ok(())
}
