//! The same command again, where mounts, processes and the network are nobody else's and end with it.

use super::program::good;
use crate::Outcome;
use crate::live::scratch::Scratch;
use std::process::Command;

/// Set in the process that is alone.
const ALONE: &str = "HOSTWARD_ALONE";

/// Runs `work` alone: this very command is started again with the words that it was given, and `more` behind them.
pub fn alone(more: &[&str], work: impl FnOnce() -> Outcome<()>) -> Outcome<()> {
    if number().is_some() {
        good(Command::new("ip").args(["link", "set", "lo", "up"]))?;
        return work();
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    // Process ids in there are everybody's, so what is named by them has a directory of its own.
    let scratch = Scratch::new("alone")?;
    let mut command = Command::new("unshare");
    command.args([
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "--propagation",
        "private",
    ]);
    // Process 1 takes away what others leave behind, or the processes of a host that was cut off would not be gone.
    command.args(["bash", "-c", "\"$@\"; exit \"$?\"", "alone"]);
    command.arg(own).args(std::env::args_os().skip(1)).args(more);
    command.env(ALONE, std::process::id().to_string()).env("TMPDIR", scratch.path());
    let status = command.status().map_err(|error| format!("unshare: {error}"))?;
    if status.success() { Ok(()) } else { Err("it does not hold; what failed is said above".to_owned()) }
}

/// What tells us from others that are alone; none when we are not.
pub fn number() -> Option<String> {
    std::env::var(ALONE).ok()
}
