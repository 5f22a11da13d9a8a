//! What rendering gives: files with what they change, and what was kept or refused on the way.

use super::choice::Choice;
use super::diff::unified;
use crate::render::Type;
use crate::render::bash::BASH;
use sha2::{Digest, Sha256};

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file of root's with this text and mode.
    File(String, u32),
    /// A link with this target.
    Link(String),
    /// A file or directory with this mode, whatever else is in it.
    Mode(u32),
    /// A directory of root's with this mode.
    Directory(u32),
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
        let diff = if diff.is_empty() {
            format!("mode of {path}: {} to {}\n", before.said(), entry.said())
        } else {
            diff
        };
        let sha256 = entry.text().map(|text| hex(&Sha256::digest(text.as_bytes()))).unwrap_or_default();
        Some(Artifact { path, entry, before, diff, sha256 })
    }

    /// The command that puts back what was there, for an administrator who keeps the old files below a directory BACKUP.
    pub fn undo(&self) -> String {
        let path = word(&self.path);
        match &self.before {
            Entry::Absent if matches!(self.entry, Entry::Directory(_)) => format!("rmdir {path}"),
            Entry::Absent => format!("rm {path}"),
            Entry::Link(target) => format!("ln -sfn {} {path}", word(target)),
            Entry::File(_, mode) => format!("install -m {mode:04o} BACKUP{path} {path}"),
            Entry::Mode(mode) | Entry::Directory(mode) => format!("chmod {mode:04o} {path}"),
        }
    }
}

impl Entry {
    /// The text of a file, or what a link says.
    pub fn text(&self) -> Option<String> {
        match self {
            Entry::File(text, _) => Some(text.clone()),
            Entry::Link(target) => Some(format!("link to {target}\n")),
            Entry::Mode(_) | Entry::Directory(_) | Entry::Absent => None,
        }
    }

    fn said(&self) -> String {
        match self {
            Entry::File(_, mode) | Entry::Mode(mode) | Entry::Directory(mode) => format!("{mode:04o}"),
            Entry::Link(_) | Entry::Absent => "-".to_owned(),
        }
    }
}

/// A word for a shell: names of files may hold anything.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        (BASH.literal)(Type::Path, text)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_a_command() {
        let undo = |path: &str| {
            Artifact::new(path.to_owned(), Entry::Mode(0o600), Entry::Mode(0o644)).unwrap().undo()
        };
        assert_eq!(undo("/etc/crontab"), "chmod 0644 /etc/crontab");
        assert_eq!(undo("/etc/x; reboot"), "chmod 0644 '/etc/x; reboot'");
    }
}
