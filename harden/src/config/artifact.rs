//! What rendering gives: files with what they change, and what was kept or refused on the way.

use super::choice::Choice;
use super::diff::unified;
use sha2::{Digest, Sha256};

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file of root's with this text and mode.
    File(String, u32),
    /// A link with this target.
    Link(String),
    /// Nothing.
    Absent,
}

/// One file, link or removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Where it goes, as seen from the root.
    pub path: String,
    /// What is to lie there.
    pub entry: Entry,
    /// What lies there now, which is also what undoing puts back.
    pub before: Entry,
    /// From the one to the other.
    pub diff: String,
    /// SHA-256 of the content in hex, or of a link's target; empty for a removal.
    pub sha256: String,
}

/// Something that somebody should know, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// The configuration of one program for one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendering {
    /// Name of the target.
    pub target: String,
    /// Why there is nothing to render: the program is not on the host.
    pub absent: Option<String>,
    /// What changes; empty when everything is as it should be.
    pub artifacts: Vec<Artifact>,
    /// Values that depend on the level and on frameworks.
    pub choices: Vec<Choice>,
    /// What stays as the host has it.
    pub kept: Vec<Remark>,
    /// What was not done, because it would lock somebody out or stop something.
    pub refused: Vec<Remark>,
    /// The text of the main part, whether or not it changes something.
    pub main: String,
}

impl Artifact {
    /// What changes at a path; nothing when it is as it should be.
    pub(super) fn new(path: String, entry: Entry, before: Entry) -> Option<Artifact> {
        if entry == before {
            return None;
        }
        let diff = unified(&path, before.text().as_deref(), entry.text().as_deref());
        let diff = if diff.is_empty() { format!("mode of {path}: {} to {}\n", before.said(), entry.said()) } else { diff };
        let sha256 = entry.text().map(|text| hex(&Sha256::digest(text.as_bytes()))).unwrap_or_default();
        Some(Artifact { path, entry, before, diff, sha256 })
    }

    /// The commands that put back what was there, for the administrator who keeps the old file as `PATH.before`.
    pub fn undo(&self) -> String {
        match &self.before {
            Entry::Absent => format!("rm {}", self.path),
            Entry::Link(target) => format!("ln -sfn {target} {}", self.path),
            Entry::File(_, mode) => format!("install -m {mode:04o} BACKUP{0} {0}", self.path),
        }
    }
}

impl Entry {
    /// The text of a file, or what a link says.
    pub fn text(&self) -> Option<String> {
        match self {
            Entry::File(text, _) => Some(text.clone()),
            Entry::Link(target) => Some(format!("link to {target}\n")),
            Entry::Absent => None,
        }
    }

    fn said(&self) -> String {
        match self {
            Entry::File(_, mode) => format!("{mode:04o}"),
            _ => "-".to_owned(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
