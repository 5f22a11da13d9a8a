//! The captured hosts, as directories that a test may change.

#![allow(dead_code, reason = "each test program uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the captures are.
pub fn hosts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts")
}

/// A copy of node_exporter's host; `name` keeps two of them apart.
pub fn node_exporter(name: &str) -> PathBuf {
    copy(name, |directory| {
        let mut tar = Command::new("tar");
        tar.arg("xzf").arg(hosts().join("node_exporter.tar.gz")).arg("-C").arg(directory);
        tar
    })
}

/// A copy of a virtual machine; `name` keeps two of them apart.
pub fn linux_6_18(name: &str) -> PathBuf {
    copy(name, |directory| {
        let mut cp = Command::new("cp");
        cp.arg("-a").arg(hosts().join("linux-6.18/.")).arg(directory);
        cp
    })
}

fn copy(name: &str, command: impl Fn(&Path) -> Command) -> PathBuf {
    let directory =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", env!("CARGO_CRATE_NAME")));
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    assert!(command(&directory).status().unwrap().success(), "cannot copy a capture");
    directory
}
