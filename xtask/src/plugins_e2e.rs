//! `cargo xtask plugins-e2e`: every plugin that means harm, one at a time with its timing, and thirty real ones at once.

use crate::{Outcome, root};
use std::process::Command;

/// What the thirty plugins come from.
const PACKAGES: &str = "monitoring-plugins-basic munin-plugins-core prometheus-node-exporter-collectors";

/// Runs the tests of plugins with those that need Debian's packages, on the release build.
pub fn run() -> Outcome<()> {
    let status = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["test", "--release", "--package", "hostward", "--test", "plugins", "--"])
        .args(["--include-ignored", "--nocapture", "--test-threads=1"])
        .status()
        .map_err(|error| format!("cargo test: {error}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!(
            "something failed; if plugins are missing, type: apt-get install --no-install-recommends {PACKAGES}"
        )),
    }
}
