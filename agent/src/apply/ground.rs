//! What has to hold before anything is changed.

use super::{Order, Ran, Vault};
use crate::outbox::{Artifact, Kind, Stage, sha256};
use std::{fmt, io};

/// Attempts in a row that may fail before somebody has to look.
const FAILURES_MAX: usize = 2;

/// Why nothing was changed.
#[derive(Debug)]
pub enum Refusal {
    /// It changes nothing, so there is nothing to apply.
    Diagnostic {
        /// Its id.
        id: String,
    },
    /// Nobody knows it here.
    Unknown {
        /// Its id.
        id: String,
    },
    /// It is not where it would have to be.
    Stage {
        /// Its id.
        id: String,
        /// Where it is.
        stage: Stage,
        /// Where it would have to be.
        wanted: Stage,
    },
    /// The script is not the one that was described, or that was approved.
    Changed {
        /// Its id.
        id: String,
    },
    /// The host is not any more as it was when the change was approved.
    HostChanged {
        /// Its id.
        id: String,
        /// What would change now.
        diff: String,
    },
    /// Another change waits to be confirmed.
    Unconfirmed {
        /// Its id.
        id: String,
    },
    /// The last attempts failed.
    Breaker {
        /// Why, the last time.
        reason: String,
    },
    /// What it says that it touches is not understood.
    Room {
        /// Its id.
        id: String,
    },
    /// The script does not want to.
    Script(String),
    /// Files or timers.
    Io(io::Error),
}

impl Refusal {
    /// Nobody knows it here.
    pub fn unknown(id: &str) -> Self {
        Refusal::Unknown { id: id.to_owned() }
    }
}

/// Whether it is approved, whole, and its turn.
pub fn check(vault: &Vault, order: &Order<'_>) -> Result<(), Refusal> {
    check_script(order.artifact, order.script)?;
    check_turn(vault, order.after_failures)
}

/// Whether nothing waits to be confirmed, and the last attempts went well.
pub fn check_turn(vault: &Vault, after_failures: bool) -> Result<(), Refusal> {
    let entries = vault.entries()?;
    if let Some(other) = entries.iter().find(|entry| entry.waits()) {
        return Err(Refusal::Unconfirmed { id: other.id.clone() });
    }
    let failed = |stage| matches!(stage, Stage::Failed | Stage::Stuck);
    let failures: Vec<_> = entries.iter().rev().take_while(|entry| failed(entry.stage)).collect();
    match failures.first() {
        Some(last) if failures.len() >= FAILURES_MAX && !after_failures => {
            Err(Refusal::Breaker { reason: last.comment.clone() })
        }
        _ => Ok(()),
    }
}

/// Whether it changes something, and is what was approved.
pub fn check_script(artifact: &Artifact, script: &[u8]) -> Result<(), Refusal> {
    let id = artifact.id.clone();
    if artifact.kind == Kind::Diagnostic {
        return Err(Refusal::Diagnostic { id });
    }
    if artifact.state != Stage::Approved {
        return Err(Refusal::Stage { id, stage: artifact.state, wanted: Stage::Approved });
    }
    let approved = artifact.approval().map(|step| step.sha256.as_str());
    if approved != Some(&sha256(script)) || artifact.sha256 != sha256(script) {
        return Err(Refusal::Changed { id });
    }
    Ok(())
}

/// Whether the rehearsal went well and would change what was approved, no more and no less.
pub fn check_rehearsal(artifact: &Artifact, rehearsed: &Ran) -> Result<(), Refusal> {
    rehearsed.good("--dry-run").map_err(Refusal::Script)?;
    let approved = artifact.approval().and_then(|step| step.diff_sha256.as_deref());
    match approved {
        Some(approved) if approved != sha256(rehearsed.stdout.as_bytes()) => {
            Err(Refusal::HostChanged { id: artifact.id.clone(), diff: rehearsed.stdout.clone() })
        }
        _ => Ok(()),
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Refusal::Io(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Diagnostic { id } => {
                write!(f, "{id} only looks: read it with hostward outbox show {id}, and run it yourself")
            }
            Refusal::Unknown { id } => write!(f, "nothing of that id was applied here: {id}"),
            Refusal::Stage { id, stage: Stage::Proposed, .. } => {
                write!(
                    f,
                    "{id} is not approved: read it with hostward outbox diff {id}, then hostward outbox approve {id}"
                )
            }
            Refusal::Stage { id, stage, wanted } => write!(f, "{id} is {stage}, not {wanted}"),
            Refusal::Changed { id } => write!(f, "the script of {id} is not the one that was approved"),
            Refusal::HostChanged { id, diff } => {
                write!(
                    f,
                    "the host has changed since {id} was approved; approve it again. Now it would change:\n{diff}"
                )
            }
            Refusal::Unconfirmed { id } => {
                write!(f, "{id} waits to be confirmed: hostward confirm {id}, or hostward rollback {id}")
            }
            Refusal::Breaker { reason } => {
                write!(
                    f,
                    "the last {FAILURES_MAX} attempts failed ({reason}); look first, then add --after-failures"
                )
            }
            Refusal::Room { id } => {
                write!(f, "{id} says in a way that is not understood here what it touches; propose it again")
            }
            Refusal::Script(reason) => write!(f, "{reason}"),
            Refusal::Io(error) => write!(f, "{error}"),
        }
    }
}
