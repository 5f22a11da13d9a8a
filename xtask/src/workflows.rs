//! `cargo xtask workflows-e2e`: the workflows from end to end, with a scanner of its own and passwords that are really guessed.

use crate::options::Options;
use crate::{Outcome, root};
use std::path::Path;
use std::process::Command;

/// The scanner, in the version that its results are known of.
const SCANNER: &str = "bandit[sarif]==1.8.3";

/// Fetches the scanner, then runs all tests of workflows: those too that the suite leaves out for their length.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&[])?;
    let bandit = scanner(&root().join("target/workflows-e2e"))?;
    let test = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(root()).args(["test", "--package", "hostward", "--test"]).args(words);
        good(command.env("HOSTWARD_BANDIT", &bandit))
    };
    test(&["workflows", "--", "--include-ignored", "--nocapture"])?;
    test(&["e2e", "--", "--ignored", "--nocapture"])
}

/// Where it is; it is fetched once.
fn scanner(dir: &Path) -> Outcome<String> {
    let bandit = dir.join("bin/bandit");
    if !bandit.exists() {
        good(Command::new("python3").args(["-m", "venv"]).arg(dir))?;
        good(Command::new(dir.join("bin/pip")).args(["install", "--quiet", SCANNER]))?;
    }
    Ok(bandit.display().to_string())
}

fn good(command: &mut Command) -> Outcome<()> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}
