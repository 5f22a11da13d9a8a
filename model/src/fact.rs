//! Facts: pieces of host state at an instant, which are read in one place and judged in another.
//!
//! Every fact but a file's has one form, whatever it speaks of (a directive of sshd, an account, a package): an area, a
//! scope within it, a key, a value, and where it was found. So a new area needs no new word here, and whoever judges
//! can always show where a value comes from.

use crate::Gap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A piece of host state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it holds for within its area: a `Match` block, a virtual host, an account; empty is everywhere.
    pub scope: String,
    /// What is set, in the words of the program that it belongs to.
    pub key: String,
    /// To what, as it was written.
    pub value: String,
    /// Where it was found.
    pub origin: Origin,
}

/// Where a fact was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A line of a file, from 1 on; 0 is the file as a whole.
    File(String, usize),
    /// Nobody wrote it: this is what the named program takes then.
    Default(&'static str),
}

/// A file, as `stat` sees it after following links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFact {
    /// Path as seen from the root.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Permissions, with the set-id and sticky bits.
    pub mode: u32,
    /// Name of the owner; the number where it has no name.
    pub owner: String,
    /// Name of the group; the number where it has no name.
    pub group: String,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// An ordinary file.
    File,
    /// A directory.
    Directory,
    /// A device, a socket or a pipe.
    Special,
    /// A link that a pattern fits: what it leads to was not asked for by its name.
    Link,
}

/// What came of looking: absent, unreadable and empty are three things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look<T> {
    /// It is there and was read.
    Seen(T),
    /// The host does not have it; says what was looked for.
    Absent(String),
    /// It is there and could not be read or understood.
    Unseen(Gap),
}

/// What a judge wants to be told; nothing else is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Names of areas.
    pub areas: BTreeSet<String>,
    /// Patterns of paths with `*`, `?` and `[…]` in their parts.
    pub files: BTreeSet<String>,
    /// Names of kernel parameters whose running value is wanted, with dots.
    pub parameters: BTreeSet<String>,
}

/// What was found of what was wanted.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// By name of the area.
    pub areas: BTreeMap<String, Look<Vec<Fact>>>,
    /// By the pattern that was asked for; a pattern that nothing fits is absent.
    pub files: BTreeMap<String, Look<Vec<FileFact>>>,
}

impl Fact {
    /// A fact that holds everywhere in its area.
    pub fn new(key: impl Into<String>, value: impl Into<String>, origin: Origin) -> Self {
        Fact { scope: String::new(), key: key.into(), value: value.into(), origin }
    }

    /// The same fact for a part of its area.
    pub fn within(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }
}

impl Origin {
    /// A line of a file.
    pub fn line(file: &str, line: usize) -> Self {
        Origin::File(file.to_owned(), line)
    }

    /// A file as a whole.
    pub fn file(file: &str) -> Self {
        Origin::File(file.to_owned(), 0)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(file, 0) => write!(f, "{file}"),
            Origin::File(file, line) => write!(f, "{file}:{line}"),
            Origin::Default(program) => write!(f, "default of {program}"),
        }
    }
}

impl<T> Look<T> {
    /// What was seen, if it was.
    pub fn seen(&self) -> Option<&T> {
        match self {
            Look::Seen(seen) => Some(seen),
            _ => None,
        }
    }
}

impl Wanted {
    /// Takes over what another wants, too.
    pub fn extend(&mut self, other: Wanted) {
        self.areas.extend(other.areas);
        self.files.extend(other.files);
        self.parameters.extend(other.parameters);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_place_that_can_be_opened() {
        assert_eq!(Origin::line("/etc/fstab", 3).to_string(), "/etc/fstab:3");
        assert_eq!(Origin::file("/etc/fstab").to_string(), "/etc/fstab");
        assert_eq!(Origin::Default("OpenSSH 9.2").to_string(), "default of OpenSSH 9.2");
    }

    #[test]
    fn absent_is_not_empty() {
        assert_eq!(Look::Seen(Vec::<u8>::new()).seen(), Some(&vec![]));
        assert_eq!(Look::<Vec<u8>>::Absent(String::new()).seen(), None);
    }
}
