//! A directory of our own that goes away with us.

use crate::Outcome;
use std::path::{Path, PathBuf};

/// A fresh directory under the system's place for temporary files.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one; `purpose` is part of its name.
    pub fn new(purpose: &str) -> Outcome<Self> {
        let path = std::env::temp_dir().join(format!("hostward-{purpose}-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Scratch(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("left behind: {}: {error}", self.0.display());
        }
    }
}
