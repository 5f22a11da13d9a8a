//! A directory for everything that this test writes.

use std::path::{Path, PathBuf};

/// Removed with everything in it when the test ends.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("hostward-e2e-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory for the test");
        Scratch(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let kept = std::thread::panicking() && std::env::var_os("HOSTWARD_E2E_KEEP").is_some();
        if !kept {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
