//! The host as a tree of files under a root that can be moved.

mod directory;

use crate::probe::Fault;
use directory::Directory;
use std::collections::HashMap;
use std::fmt::{self, Write};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{DirEntryExt, FileExt};
use std::path::{Path, PathBuf};

/// Largest file of `/proc` or `/sys` that is read; the rest is an error, not a surprise.
const FILE_BYTES_MAX: usize = 16 << 20;
/// Ticks for which a file that was not there is taken to be absent still.
const ABSENT_TICKS: u64 = 60;

/// Reads files below a root.
///
/// Files stay open and are read again with `pread`, because opening one costs two to five times as much as
/// reading it; within one tick a file is read once, whoever asks. All go through one buffer, which stays in the
/// processor's caches; the text of a file is kept only when a second probe once asked for it in the same tick.
pub struct Host {
    root: PathBuf,
    files: HashMap<String, Kept>,
    /// Files that were not there, with the tick at which to look again.
    absent: HashMap<&'static str, u64>,
    tick: u64,
    bytes: Vec<u8>,
    /// How much of the buffer is the file that was read last.
    length: usize,
    path: String,
    directory: Directory,
    text: String,
}

struct Kept {
    file: File,
    /// When it was last read.
    tick: u64,
    /// What it said then, when more than one probe asks.
    text: Option<String>,
}

impl Host {
    /// A host whose files lie under `root` (`/` for the live one).
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Host {
            root: root.into(),
            files: HashMap::new(),
            absent: HashMap::new(),
            tick: 1,
            bytes: vec![0; 16 << 10],
            length: 0,
            path: String::new(),
            directory: Directory::default(),
            text: String::new(),
        }
    }

    /// The real path of `path`, which starts with `/` as seen from the root.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The root itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// True for the host that runs this program: system calls speak of it, not of a captured tree.
    pub fn is_live(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Starts a tick: every file is read anew when next asked for.
    pub fn begin_tick(&mut self) {
        self.tick += 1;
        self.directory.forget();
    }

    /// The text of a small kernel file; bytes that are not UTF-8 are replaced.
    pub fn read(&mut self, path: &str) -> Result<&str, Fault> {
        let is_kept = self.load(path).map_err(|error| Fault::io(path, &error))?;
        Ok(self.loaded(path, is_kept))
    }

    /// The text of a small kernel file that not every kernel has; nothing when it is not there, which is looked at
    /// again once in 60 ticks, for it is mostly for ever.
    pub fn read_if_there(&mut self, path: &'static str) -> Result<Option<&str>, Fault> {
        if self.absent.get(path).is_some_and(|until| self.tick < *until) {
            return Ok(None);
        }
        match self.load(path).map_err(|error| Fault::io(path, &error)) {
            Ok(is_kept) => Ok(Some(self.loaded(path, is_kept))),
            Err(Fault::Missing { .. }) => {
                self.absent.insert(path, self.tick + ABSENT_TICKS);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// The value of a small file below a directory whose content comes and goes (`/sys` mostly), without its
    /// end of line: opened anew each time, because a device that went away keeps its open files. The files of one
    /// directory are best read one after the other.
    ///
    /// Nothing when the file is not there or the driver has no value to give; a file that may not be read is
    /// a fault.
    pub fn attribute(&mut self, path: fmt::Arguments<'_>) -> Result<Option<&str>, Fault> {
        self.path.clear();
        let _ = self.path.write_fmt(path);
        let file = self.directory.open_file(&self.root, &self.path);
        let read = file.and_then(|file| read_whole(&file, &mut self.bytes));
        match read {
            Ok(length) => {
                replace(&mut self.text, &self.bytes[..length]);
                Ok(Some(self.text.trim_end()))
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(Fault::io(&self.path, &error))
            }
            Err(_) => Ok(None),
        }
    }

    /// The value of an attribute that is a whole number, in decimal or after `0x`; nothing as with
    /// [`Host::attribute`], or when it is no number.
    pub fn number(&mut self, path: fmt::Arguments<'_>) -> Result<Option<f64>, Fault> {
        Ok(self.attribute(path)?.and_then(number))
    }

    /// What the link at `path` points to; nothing when it is none.
    pub fn link(&self, path: &str) -> Option<PathBuf> {
        std::fs::read_link(self.path(path)).ok()
    }

    /// The bytes of a file that is read seldom: opened anew, and not kept.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; 16 << 10];
        let read = File::open(self.path(path)).and_then(|file| read_whole(&file, &mut bytes));
        bytes.truncate(read.map_err(|error| Fault::io(path, &error))?);
        Ok(bytes)
    }

    /// The last `bytes_max` bytes of a file, from the first whole line on.
    pub fn tail(&self, path: &str, bytes_max: u64) -> Result<String, Fault> {
        read_tail(&self.path(path), bytes_max).map_err(|error| Fault::io(path, &error))
    }

    /// The names in a directory, sorted; at most `names_max` of them.
    pub fn names(&self, path: &str, names_max: usize) -> Result<Vec<String>, Fault> {
        let entries = std::fs::read_dir(self.path(path)).map_err(|error| Fault::io(path, &error))?;
        let names = entries.filter_map(Result::ok).take(names_max);
        let mut names: Vec<_> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The directories in a directory with their inode numbers, sorted by name; at most `max` of them. What else
    /// lies there costs no name: a control group has sixty files and few directories.
    pub fn directories(&self, path: &str, max: usize) -> Result<Vec<(String, u64)>, Fault> {
        let entries = std::fs::read_dir(self.path(path)).map_err(|error| Fault::io(path, &error))?;
        let is_directory =
            |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|file_type| file_type.is_dir());
        let found = entries.filter_map(Result::ok).filter(is_directory).take(max);
        let mut found: Vec<_> =
            found.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.ino())).collect();
        found.sort_unstable();
        Ok(found)
    }

    /// Reads a file into the buffer; true when its text is kept, where it is read once in a tick.
    fn load(&mut self, path: &str) -> io::Result<bool> {
        if !self.files.contains_key(path) {
            let file = File::open(self.path(path))?;
            self.files.insert(path.to_owned(), Kept { file, tick: 0, text: None });
        }
        let Some(kept) = self.files.get_mut(path) else { return Ok(false) };
        let is_again = std::mem::replace(&mut kept.tick, self.tick) == self.tick;
        if is_again && kept.text.is_some() {
            return Ok(true);
        }
        // A file of a device or process that went away: forget it, the next tick opens it again.
        let read = read_whole(&kept.file, &mut self.bytes);
        self.length = match read {
            Ok(length) => length,
            Err(error) => {
                self.files.remove(path);
                return Err(error);
            }
        };
        if is_again || kept.text.is_some() {
            replace(kept.text.get_or_insert_default(), &self.bytes[..self.length]);
        }
        Ok(kept.text.is_some())
    }

    /// The text of the file that was loaded last.
    fn loaded(&mut self, path: &str, is_kept: bool) -> &str {
        if is_kept {
            return self.files.get(path).and_then(|kept| kept.text.as_deref()).unwrap_or("");
        }
        let bytes = &self.bytes[..self.length];
        std::str::from_utf8(bytes).unwrap_or_else(|_| {
            replace(&mut self.text, bytes);
            &self.text
        })
    }
}

/// Puts other text in the place of what was there; bytes that are not UTF-8 are replaced.
fn replace(text: &mut String, bytes: &[u8]) {
    text.clear();
    text.push_str(&String::from_utf8_lossy(bytes));
}

/// Decimal with an optional sign, or hexadecimal after `0x`.
fn number(word: &str) -> Option<f64> {
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|value| value as f64),
        None if word.starts_with('-') => word.parse::<i64>().ok().map(|value| value as f64),
        None => word.parse::<u64>().ok().map(|value| value as f64),
    }
}

fn read_tail(path: &Path, bytes_max: u64) -> io::Result<String> {
    let file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(bytes_max);
    let mut bytes = Vec::new();
    (&file).seek(SeekFrom::Start(start))?;
    file.take(bytes_max).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let whole = if start == 0 { &*text } else { text.split_once('\n').map_or("", |(_, rest)| rest) };
    Ok(whole.to_owned())
}

/// Reads from position zero to the end; the buffer grows to the largest file and is kept.
fn read_whole(file: &File, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        if length == bytes.len() {
            if length >= FILE_BYTES_MAX {
                return Err(io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes")));
            }
            bytes.resize(length * 2, 0);
        }
        match file.read_at(&mut bytes[length..], length as u64) {
            Ok(0) => return Ok(length),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
