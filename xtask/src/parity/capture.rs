//! The captured host, unpacked, with its files laid where a host has them.

use crate::{Outcome, root};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What lies elsewhere in the archive than on a host: place in the archive, place on the host.
const MOVED: [(&str, &str); 2] = [("udev/data", "run/udev/data"), ("pci.ids", "usr/share/misc/pci.ids")];

/// The unpacked capture; removed when dropped.
pub struct Capture(PathBuf);

impl Capture {
    /// Unpacks into a directory of its own; `name` keeps two at a time apart.
    pub fn unpack(name: &str) -> Outcome<Self> {
        let directory = std::env::temp_dir().join(format!("hostward-parity-{name}-{}", std::process::id()));
        let said = |error: std::io::Error| format!("{}: {error}", directory.display());
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).map_err(said)?;
        let capture = Capture(directory.clone());
        let mut tar = Command::new("tar");
        tar.arg("xzf").arg(hosts().join("node_exporter.tar.gz")).arg("-C").arg(&directory);
        if !tar.status().is_ok_and(|status| status.success()) {
            return Err("tar cannot unpack the capture".to_owned());
        }
        for (from, to) in MOVED {
            let to = directory.join(to);
            fs::create_dir_all(to.parent().unwrap_or(&to)).map_err(said)?;
            symlink(directory.join(from), to).map_err(said)?;
        }
        Ok(capture)
    }

    /// The root of the host.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// The configuration that sets what node_exporter's test sets.
    pub fn config(&self) -> PathBuf {
        hosts().join("node_exporter.toml")
    }

    /// What node_exporter says.
    pub fn expected(&self) -> Outcome<String> {
        let path = self.0.join("e2e-output.txt");
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn hosts() -> PathBuf {
    root().join("probes/tests/hosts")
}
