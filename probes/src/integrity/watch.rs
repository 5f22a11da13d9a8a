//! What was seen of each file, and whether that is old.

use super::{FILES_MAX, digest};
use crate::{Fault, Host};
use nix::fcntl::OFlag;
use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

/// A file that looks the same is read again all the same when this much time has gone by: times can be set back,
/// and a disk can be written past the file system.
const READ_AGAIN_SECONDS: f64 = 3600.0;

/// One file.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Seen {
    /// Nothing when the file is not there.
    pub digest: Option<u64>,
    /// When a change was found.
    pub changed: Option<f64>,
    shape: Option<Shape>,
    read: f64,
}

/// What differs in a file that was written.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shape {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Shape {
    fn of(file: &Metadata) -> Self {
        Shape {
            device: file.dev(),
            inode: file.ino(),
            size_bytes: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }
}

/// All files that were seen.
#[derive(Debug, Default)]
pub struct Watch {
    files: BTreeMap<String, Seen>,
    /// A run was made, now or before a restart: a file that is new has come since.
    is_settled: bool,
    /// What the last run could not read, and so does not know to be new.
    blind: Vec<String>,
}

impl Watch {
    /// Looks at one file. After a fault it is as it was last seen.
    pub fn look(&mut self, host: &Host, path: &str, now: f64) -> Result<(), Fault> {
        let fault = |error: &std::io::Error| Fault::io(path, error);
        let file = match open(host, path) {
            Ok(file) => file,
            Err(Fault::Missing { .. }) => {
                self.note(path, None, None, now);
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        let metadata = file.metadata().map_err(|error| fault(&error))?;
        if !metadata.is_file() {
            return Err(Fault::Unreadable { what: path.to_owned(), error: "is no regular file".to_owned() });
        }
        let shape = Shape::of(&metadata);
        let known = self.files.get(path).filter(|seen| seen.shape == Some(shape));
        if known.is_some_and(|seen| (0.0..READ_AGAIN_SECONDS).contains(&(now - seen.read))) {
            return Ok(());
        }
        let digest = digest::of(&file).map_err(|error| fault(&error))?;
        self.note(path, Some(digest), Some(shape), now);
        Ok(())
    }

    fn note(&mut self, path: &str, digest: Option<u64>, shape: Option<Shape>, now: f64) {
        let is_below = |whole: &String| {
            path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let changed = match self.files.get(path) {
            Some(seen) if seen.digest != digest => Some(now),
            Some(seen) => seen.changed,
            None => (self.is_settled && digest.is_some() && !self.blind.iter().any(is_below)).then_some(now),
        };
        self.files.insert(path.to_owned(), Seen { digest, changed, shape, read: now });
    }

    /// Ends a run that could not read `blind`. Beyond the bound files that are gone are forgotten, then the last.
    pub fn finish(&mut self, blind: Vec<String>) {
        (self.is_settled, self.blind) = (true, blind);
        if self.files.len() > FILES_MAX {
            self.files.retain(|_, seen| seen.digest.is_some());
        }
        while self.files.len() > FILES_MAX {
            self.files.pop_last();
        }
    }

    /// Files that were seen in a directory.
    pub fn below(&self, directory: &str) -> impl Iterator<Item = String> {
        let is_in = move |path: &&String| path.rsplit_once('/').is_some_and(|(own, _)| own == directory);
        self.files.keys().filter(is_in).cloned()
    }

    /// Files by path.
    pub fn seen(&self) -> impl Iterator<Item = (&str, &Seen)> {
        self.files.iter().map(|(path, seen)| (path.as_str(), seen))
    }

    /// A line for each file: digest, time of the change, path.
    pub fn memory(&self) -> String {
        let line = |(path, seen): (&str, &Seen)| {
            let digest = seen.digest.map_or("-".to_owned(), |digest| format!("{digest:012x}"));
            let changed = seen.changed.map_or("-".to_owned(), |changed| changed.to_string());
            format!("{digest} {changed} {path}\n")
        };
        self.seen().filter(|(path, _)| !path.contains('\n')).map(line).collect()
    }

    /// Takes what [`Watch::memory`] gave, so that a change while nobody looked is found.
    pub fn remember(&mut self, memory: &str) {
        for line in memory.lines() {
            let mut words = line.splitn(3, ' ');
            let (Some(digest), Some(changed), Some(path)) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let (digest, changed) = (
                read(digest, |hex| u64::from_str_radix(hex, 16).ok()),
                read(changed, |time| time.parse().ok()),
            );
            if let (Some(digest), Some(changed)) = (digest, changed) {
                self.files.insert(path.to_owned(), Seen { digest, changed, ..Seen::default() });
                self.is_settled = true;
            }
        }
    }
}

/// `-` is nothing; what makes no sense is no value at all.
fn read<T>(word: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if word == "-" { Some(None) } else { parse(word).map(Some) }
}

/// Without waiting: a pipe in the place of a file must not hold hostward.
fn open(host: &Host, path: &str) -> Result<File, Fault> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits());
    options.open(host.path(path)).map_err(|error| Fault::io(path, &error))
}
