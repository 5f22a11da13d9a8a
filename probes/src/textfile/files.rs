//! The files: which there are, and what they said when they were last written.

use crate::Host;
use hostward_formats::exposition::{Family, Format, read};
use nix::fcntl::OFlag;
use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// More files than this are left out.
const FILES_MAX: usize = 256;
/// A larger file is refused.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// All files, by their path as seen from the root.
pub struct Files {
    directories: Vec<String>,
    found: BTreeMap<String, Found>,
}

/// A file.
pub struct Found {
    stamp: Stamp,
    /// When it was written, in seconds since the Unix epoch.
    pub mtime_s: f64,
    /// What it says, or why it is left out.
    pub families: Result<Vec<Family>, String>,
}

/// Tells a file from the one that it was before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl Files {
    /// Nothing read yet.
    pub fn new(directories: Vec<String>) -> Self {
        Files { directories, found: BTreeMap::new() }
    }

    /// All files with their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Found)> {
        self.found.iter().map(|(path, found)| (path.as_str(), found))
    }

    /// Looks which files there are and reads those that were written since. True when something is new or gone.
    pub fn look(&mut self, host: &Host) -> bool {
        let mut before = std::mem::take(&mut self.found);
        let mut news = false;
        for directory in &self.directories {
            for path in written(&host.path(directory)).into_iter().take(FILES_MAX) {
                let shown = shown(&path, host.root());
                let found = match before.remove(&shown) {
                    Some(kept) if kept.is_current(&path) => kept,
                    _ => {
                        news = true;
                        Found::read(&path)
                    }
                };
                self.found.insert(shown, found);
            }
        }
        news || !before.is_empty()
    }
}

/// The `*.prom` in a directory, sorted; in its path * stands for any part of a name.
fn written(directory: &Path) -> Vec<PathBuf> {
    let is_pattern = |path: &str| path.contains(['*', '?', '[']);
    if directory.to_str().is_some_and(is_pattern) {
        let pattern = directory.join("*.prom");
        let paths = pattern.to_str().and_then(|pattern| glob::glob(pattern).ok());
        return paths.into_iter().flatten().filter_map(Result::ok).collect();
    }
    // No more than one system call for a directory that is not there, as on most hosts.
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut paths: Vec<_> = paths.filter(|path| path.as_os_str().as_bytes().ends_with(b".prom")).collect();
    paths.sort_unstable();
    paths
}

fn shown(path: &Path, root: &Path) -> String {
    Path::new("/").join(path.strip_prefix(root).unwrap_or(path)).to_string_lossy().into_owned()
}

impl Found {
    fn is_current(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|metadata| Stamp::of(&metadata) == self.stamp)
    }

    fn read(path: &Path) -> Self {
        let mut found = Found { stamp: Stamp::default(), mtime_s: 0.0, families: Ok(Vec::new()) };
        found.families = open(path).map_err(|error| error.to_string()).and_then(|(file, metadata)| {
            found.stamp = Stamp::of(&metadata);
            found.mtime_s = metadata.mtime() as f64 + metadata.mtime_nsec() as f64 / 1e9;
            parse(file)
        });
        found
    }

    /// What it says, if it makes sense.
    pub fn families(&self) -> Option<&[Family]> {
        self.families.as_deref().ok()
    }

    /// Why it is left out.
    pub fn trouble(&self) -> Option<&str> {
        self.families.as_ref().err().map(String::as_str)
    }
}

/// Does not wait for a writer: what is there may be a FIFO, which is refused.
fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)?;
    let metadata = file.metadata()?;
    match metadata.is_file() {
        true => Ok((file, metadata)),
        false => Err(io::Error::other("not a regular file")),
    }
}

fn parse(file: File) -> Result<Vec<Family>, String> {
    let mut text = String::new();
    let read_to = file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
    let length = read_to.map_err(|error| error.to_string())?;
    if length as u64 > FILE_BYTES_MAX {
        return Err(format!("larger than {FILE_BYTES_MAX} bytes"));
    }
    let families = read(&text, Format::Text).map_err(|error| error.to_string())?;
    let stamped =
        families.iter().flat_map(|family| &family.samples).find(|sample| sample.timestamp_s.is_some());
    match stamped {
        Some(sample) => Err(format!("{} has a timestamp of its own; leave it out", sample.name)),
        None => Ok(families),
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Stamp { device: metadata.dev(), inode: metadata.ino(), bytes: metadata.len(), changed }
    }
}
