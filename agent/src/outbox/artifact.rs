//! What is known about a rendered script.

use super::{Stage, Step};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The metadata of a script: a JSON file beside it and a row in the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Names the files and never changes.
    pub id: String,
    /// What the script is for.
    pub kind: Kind,
    /// Name of the playbook that it was rendered from.
    pub playbook: String,
    /// Id of the alert that it answers.
    pub alert: String,
    /// Name of that alert.
    pub alert_name: String,
    /// When that alert fired: with its id, the episode.
    pub fired_ms: i64,
    /// When it was rendered, wall clock.
    pub created_ms: i64,
    /// The same, for people (RFC 3339, UTC).
    pub created: String,
    /// SHA-256 of the script, in hex.
    pub sha256: String,
    /// How far it has come.
    pub state: Stage,
    /// Whether it is undone unless somebody confirms it.
    #[serde(default)]
    pub confirm: bool,
    /// Who wants it: hostward, or a person.
    #[serde(default = "hostward")]
    pub proposed_by: String,
    /// What has happened to it since, the oldest first.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Id of the finding that it answers; empty when there is none.
    #[serde(default)]
    pub finding: String,
    /// What was seen before anything was done.
    #[serde(default)]
    pub before: String,
    /// What the playbook was given.
    pub inputs: BTreeMap<String, String>,
    /// File with what the host looked like at that moment.
    pub evidence: Option<String>,
    /// Name of the host.
    pub host: String,
    /// Version of hostward that rendered it.
    pub version: String,
}

/// What a script is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Looks and changes nothing.
    Diagnostic,
    /// Changes something, and can undo it.
    Fix,
}

impl Artifact {
    /// It is on the host to stay.
    pub fn stands(&self) -> bool {
        matches!(self.state, Stage::Confirmed | Stage::Verified)
    }

    /// The approval that counts: the last.
    pub fn approval(&self) -> Option<&Step> {
        self.steps.iter().rev().find(|step| step.stage == Stage::Approved)
    }
}

/// Who proposes unless a person does.
fn hostward() -> String {
    "hostward".to_owned()
}
