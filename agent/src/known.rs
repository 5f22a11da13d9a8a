//! Findings that are known: a file of the state directory, written whole.
//!
//! It is a file and not a table, because whoever imports a scan need not be the daemon, and the database belongs to one
//! process at a time.

use crate::durable;
use hostward_harden::finding::state::Event;
use hostward_harden::finding::track::Tracked;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const FILE: &str = "findings.json";
const LOCK: &str = "findings.lock";
/// How many findings are kept; an import that would go beyond is refused.
pub const KNOWN_MAX: usize = 100_000;
const FILE_BYTES_MAX: u64 = 1 << 30;

/// The findings of a state directory, for as long as nobody else may change them.
pub struct Known {
    path: PathBuf,
    _lock: File,
    /// By id.
    pub findings: BTreeMap<String, Tracked>,
}

impl Known {
    /// Waits for whoever else changes them, and reads them.
    pub fn open(dir: &Path) -> io::Result<Known> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(dir.join(LOCK))?;
        lock.lock()?;
        Ok(Known { path: dir.join(FILE), _lock: lock, findings: read(dir)? })
    }

    /// Writes them down.
    pub fn keep(&self) -> io::Result<()> {
        if self.findings.len() > KNOWN_MAX {
            let message =
                format!("{} findings, the most is {KNOWN_MAX}; nothing was kept", self.findings.len());
            return Err(io::Error::other(message));
        }
        durable::write(&self.path, &serde_json::to_vec(&self.findings)?)
    }
}

/// How large the file is.
pub fn bytes(dir: &Path) -> io::Result<u64> {
    match fs::metadata(dir.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        metadata => Ok(metadata?.len()),
    }
}

/// Notes what happened to one finding; one that nobody knows is left alone.
pub fn note(dir: &Path, id: &str, event: Event, at_ms: i64, saw: &str) -> io::Result<()> {
    let mut known = Known::open(dir)?;
    match known.findings.get_mut(id) {
        Some(own) => own.note(event, at_ms, saw),
        None => return Ok(()),
    }
    known.keep()
}

/// The findings, by id; none when nobody imported any.
pub fn read(dir: &Path) -> io::Result<BTreeMap<String, Tracked>> {
    let path = dir.join(FILE);
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
        Ok(metadata) if metadata.len() > FILE_BYTES_MAX => {
            return Err(io::Error::other(format!("{}: larger than {FILE_BYTES_MAX} bytes", path.display())));
        }
        Ok(_) => {}
    }
    serde_json::from_slice(&fs::read(&path)?).map_err(|error| {
        io::Error::other(format!("{}: {error}; move it away and import again", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use hostward_harden::finding::Finding;

    #[test]
    fn what_is_kept_is_read() {
        let scratch = Scratch::new("known");
        assert!(read(scratch.path()).unwrap().is_empty());
        let mut known = Known::open(scratch.path()).unwrap();
        let finding = Finding { id: "a".to_owned(), title: "x\u{fc}".to_owned(), ..Finding::default() };
        known.findings.insert("a".to_owned(), Tracked::new(finding, 7));
        known.keep().unwrap();
        assert_eq!(read(scratch.path()).unwrap(), known.findings);
        fs::write(scratch.path().join(FILE), "{").unwrap();
        assert!(read(scratch.path()).unwrap_err().to_string().contains("findings.json"));
    }
}
