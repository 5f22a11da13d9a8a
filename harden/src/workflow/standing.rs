//! How a run and its steps stand.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It goes on.
    Running,
    /// A step failed: what was done is taken back.
    Failing,
    /// Somebody ended it: what was done is taken back.
    Cancelling,
    /// All was done.
    Done,
    /// It failed.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

/// How a step stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How it stands.
    pub standing: Standing,
    /// The try that it is at, from 1.
    pub attempt: u32,
    /// When that is over, or the rest before it.
    pub due_ms: i64,
    /// What it gave.
    pub gave: BTreeMap<String, String>,
    /// What was last said of it.
    pub said: String,
}

/// The word for how a step stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Others have to be done first.
    #[default]
    Waiting,
    /// It is being done.
    Running,
    /// It is tried again after a rest.
    Resting,
    /// It is done.
    Done,
    /// It failed for good, or was given up.
    Failed,
    /// It was not done, because something else failed.
    Skipped,
    /// It is being taken back.
    Undoing,
    /// It was taken back.
    Undone,
    /// It could not be taken back.
    Stuck,
}

impl Phase {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Running => "running",
            Phase::Failing => "failing",
            Phase::Cancelling => "cancelling",
            Phase::Done => "done",
            Phase::Failed => "failed",
            Phase::Cancelled => "cancelled",
        }
    }
}
