//! From an alert that fired to a script in the outbox.

use super::{Artifact, Kind, Outbox, Stage};
use hostward_engine::Alert;
use hostward_model::{number, time};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::io;
use std::path::Path;

/// A script that somebody should look at.
#[derive(Debug)]
pub struct Proposal<'a> {
    /// What is answered.
    pub answers: Answered,
    /// What the script is for.
    pub kind: Kind,
    /// Name of the playbook or fix that it is rendered from.
    pub playbook: &'a str,
    /// What that is given.
    pub inputs: BTreeMap<String, String>,
    /// Whether it is undone unless somebody confirms it.
    pub confirm: bool,
    /// Who wants it.
    pub by: &'a str,
    /// File with what the host looks like now.
    pub evidence: Option<&'a Path>,
    /// Now, wall clock.
    pub at_ms: i64,
    /// Name of this host.
    pub host: &'a str,
}

/// What a script answers: the episode of an alert, or what a person names.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Id of the alert; empty when there is none.
    pub alert: String,
    /// Name of the alert, or what was named.
    pub name: String,
    /// When it fired, or was named.
    pub at_ms: i64,
    /// Id of the finding; empty when there is none.
    pub finding: String,
    /// What is seen of it.
    pub saw: String,
}

impl Answered {
    /// The episode of an alert that fires; none otherwise.
    pub fn alert(alert: &Alert) -> Option<Self> {
        Some(Answered {
            alert: alert.id.clone(),
            name: alert.name.clone(),
            at_ms: alert.fired_ms?,
            finding: String::new(),
            saw: format!("{} is {}", alert.expr, number::to_string(alert.value)),
        })
    }
}

/// What became of a proposal.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A script was written.
    Written {
        /// Its metadata.
        artifact: Box<Artifact>,
        /// Ids of those that went because there were too many.
        dropped: Vec<String>,
    },
    /// This firing has its script already.
    Already,
    /// The bound per hour is reached: nothing was written, and this is to be counted.
    TooMany,
}

/// Why there is no script.
#[derive(Debug)]
pub enum OutboxError {
    /// The playbook refused its inputs.
    Render(String),
    /// The files could not be written.
    Write(io::Error),
}

impl Outbox {
    /// Renders and keeps a script; once per episode of an alert, however often this is called.
    ///
    /// `render` is given the id that the script will have.
    pub fn propose(
        &mut self,
        proposal: Proposal<'_>,
        render: impl FnOnce(&str) -> Result<String, String>,
    ) -> Result<Outcome, OutboxError> {
        if self.has(&proposal.answers, proposal.playbook) {
            return Ok(Outcome::Already);
        }
        if self.is_over_rate(proposal.at_ms) {
            return Ok(Outcome::TooMany);
        }
        let id = self.fresh_id(&proposal);
        let script = render(&id).map_err(OutboxError::Render)?;
        let artifact = describe(id, proposal, &script);
        self.keep(artifact.clone(), &script).map_err(OutboxError::Write)?;
        let dropped = self.trim().map_err(OutboxError::Write)?;
        Ok(Outcome::Written { artifact: Box::new(artifact), dropped })
    }
}

fn describe(id: String, proposal: Proposal<'_>, script: &str) -> Artifact {
    Artifact {
        id,
        kind: proposal.kind,
        playbook: proposal.playbook.to_owned(),
        alert: proposal.answers.alert,
        alert_name: proposal.answers.name,
        fired_ms: proposal.answers.at_ms,
        created_ms: proposal.at_ms,
        created: time::rfc3339(proposal.at_ms),
        sha256: sha256(script.as_bytes()),
        state: Stage::Proposed,
        confirm: proposal.confirm,
        proposed_by: proposal.by.to_owned(),
        steps: Vec::new(),
        finding: proposal.answers.finding,
        before: proposal.answers.saw,
        inputs: proposal.inputs,
        evidence: proposal.evidence.map(|path| path.display().to_string()),
        host: proposal.host.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl fmt::Display for OutboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutboxError::Render(error) => write!(f, "playbook not rendered: {error}"),
            OutboxError::Write(error) => write!(f, "outbox: {error}"),
        }
    }
}

impl std::error::Error for OutboxError {}
