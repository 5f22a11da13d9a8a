//! The state directory: made when missing, and held by one instance at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::{fmt, io};

const LOCK: &str = "hostward.lock";

/// A state directory that belongs to this process for as long as the value lives.
///
/// The lock is the kernel's (flock), so it ends with the process however that ends; the pid in the file is
/// only there to be told.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    _lock: File,
}

/// Why a state directory cannot be used.
#[derive(Debug)]
pub enum DirError {
    /// Another instance holds it.
    Taken {
        /// The directory.
        dir: PathBuf,
        /// The other's process id; none when its file does not say.
        pid: Option<u32>,
    },
    /// It cannot be made, opened or locked.
    Unusable {
        /// The directory or the lock file.
        path: PathBuf,
        /// The system's words.
        error: io::Error,
    },
}

impl StateDir {
    /// Makes the directory if need be (mode 0700) and takes its lock.
    pub fn open(dir: &Path) -> Result<StateDir, DirError> {
        let make = DirBuilder::new().recursive(true).mode(0o700).create(dir);
        make.map_err(|error| DirError::Unusable { path: dir.to_owned(), error })?;
        Ok(StateDir { path: dir.to_owned(), _lock: lock(dir)? })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn lock(dir: &Path) -> Result<File, DirError> {
    let path = dir.join(LOCK);
    let unusable = |error| DirError::Unusable { path: path.clone(), error };
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let mut file = open.map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {
            leave_pid(&mut file);
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            Err(DirError::Taken { dir: dir.to_owned(), pid: read_pid(&mut file) })
        }
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// On a full disk this fails, and nothing but the message to a second instance is the poorer.
fn leave_pid(file: &mut File) {
    let written =
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    if let Err(error) = written {
        tracing::warn!(%error, "cannot write the process id into {LOCK}");
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

impl fmt::Display for DirError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DirError::Taken { dir, pid } => {
                let who = pid.map_or("another process".to_owned(), |pid| format!("process {pid}"));
                write!(
                    f,
                    "{}: in use by {who}; stop it, or name another directory with --state-dir DIR",
                    dir.display()
                )
            }
            DirError::Unusable { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for DirError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_second_instance_is_refused_by_name() {
        let scratch = Scratch::new("lock");
        let dir = scratch.path().join("a/b");
        let held = StateDir::open(&dir).unwrap();
        assert_eq!(std::fs::metadata(held.path()).unwrap().permissions().mode() & 0o777, 0o700);
        let refused = StateDir::open(&dir).unwrap_err();
        assert!(matches!(refused, DirError::Taken { pid: Some(pid), .. } if pid == std::process::id()));
        assert!(refused.to_string().contains(&format!("in use by process {}", std::process::id())));
        drop(held);
        StateDir::open(&dir).unwrap();
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let scratch = Scratch::new("way");
        let file = scratch.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = StateDir::open(&file).unwrap_err().to_string();
        assert!(error.starts_with(&file.display().to_string()), "{error}");
    }
}
