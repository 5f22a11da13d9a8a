//! How far an artifact has come, and who took it there.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How far an artifact has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Waits for a person to read it.
    Proposed,
    /// A person has read it and wants it done.
    Approved,
    /// A person does not want it done.
    Rejected,
    /// Being done; or it was, when the power went.
    Applying,
    /// Done; undone by itself unless somebody confirms it, or it is seen to help where nobody has read it.
    Applied,
    /// Done, and it stands.
    Confirmed,
    /// What it was to mend is mended, as a fresh look says.
    Verified,
    /// Being undone; or it was, when the power went.
    Undoing,
    /// Undone.
    RolledBack,
    /// It did not work, and everything is as it was.
    Failed,
    /// It did not work, and undoing it did not either: somebody has to look.
    Stuck,
    /// What it answers is over, or too long ago.
    Expired,
}

/// One step on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Where to.
    pub stage: Stage,
    /// When, wall clock.
    pub at_ms: i64,
    /// Who took it.
    pub by: String,
    /// Why.
    pub comment: String,
    /// SHA-256 of the script that was meant.
    pub sha256: String,
    /// SHA-256 of what the script said that it would change, as the one who approved it saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff_sha256: Option<String>,
}

impl Stage {
    /// Whether a step leads there from here.
    pub fn may_become(self, next: Stage) -> bool {
        use Stage::{
            Applied, Applying, Approved, Confirmed, Expired, Failed, Proposed, Rejected, RolledBack, Stuck,
            Undoing, Verified,
        };
        let steps: &[Stage] = match self {
            Proposed => &[Approved, Rejected, Expired],
            Approved => &[
                Approved, Rejected, Expired, Applying, Applied, Confirmed, Undoing, Failed, Stuck, RolledBack,
            ],
            Applying => &[Applied, Confirmed, Undoing, Failed, Stuck, RolledBack],
            Applied => &[Confirmed, Undoing, Failed, Stuck, RolledBack],
            // A fresh look verifies, and the next one may see it again.
            Confirmed | Verified => &[Confirmed, Verified, Undoing, RolledBack, Stuck],
            Undoing => &[Failed, Stuck, RolledBack],
            Failed | RolledBack => &[Approved],
            Stuck => &[Undoing, RolledBack],
            Rejected | Expired => &[],
        };
        steps.contains(&next)
    }

    /// Something of it may be on the host.
    pub fn can_be_undone(self) -> bool {
        use Stage::{Applied, Applying, Confirmed, Stuck, Undoing, Verified};
        matches!(self, Applying | Applied | Confirmed | Verified | Undoing | Stuck)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Proposed => "proposed",
            Stage::Approved => "approved",
            Stage::Rejected => "rejected",
            Stage::Applying => "applying",
            Stage::Applied => "applied",
            Stage::Confirmed => "confirmed",
            Stage::Verified => "verified",
            Stage::Undoing => "undoing",
            Stage::RolledBack => "rolled-back",
            Stage::Failed => "failed",
            Stage::Stuck => "stuck",
            Stage::Expired => "expired",
        })
    }
}
