//! The clock that undoes what nobody confirms. It is not in the process that applies, which may die.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// There while systemd runs the host.
const SYSTEMD: &str = "/run/systemd/system";

/// Has `hostward rollback` run when `after` is over. What is still there at the next boot is undone by
/// `hostward-undo.service`.
pub fn arm(id: &str, after: Duration, vault: &Path) -> io::Result<()> {
    let seconds = after.as_secs().to_string();
    let program = std::env::current_exe()?;
    if !Path::new(SYSTEMD).is_dir() {
        return detached(&program, id, &seconds, vault);
    }
    let mut command = Command::new("systemd-run");
    command.args(["--quiet", "--collect", "--timer-property=AccuracySec=1s"]);
    // One that is ended from outside tries again: nobody else does before the next boot.
    command.args(["--property=Restart=on-failure", "--property=RestartSec=3"]);
    command.arg(format!("--unit={}", unit(id))).arg(format!("--on-active={seconds}"));
    command.arg(program).args(["rollback", id, "--unless-confirmed", "--vault"]).arg(vault);
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!(
        "no timer to undo it, so nothing was changed: systemd-run: {}",
        said.trim()
    )))
}

/// Takes the timer back; one that has run already is gone.
pub fn disarm(id: &str) {
    if Path::new(SYSTEMD).is_dir() {
        let timer = format!("{}.timer", unit(id));
        let _ = Command::new("systemctl").args(["--quiet", "stop", &timer]).stderr(Stdio::null()).status();
    }
}

/// A process of its own, in a group of its own: where there is no systemd, nothing outlives a boot anyway.
fn detached(program: &Path, id: &str, seconds: &str, vault: &Path) -> io::Result<()> {
    let mut command = Command::new(program);
    command
        .args(["rollback", id, "--unless-confirmed", "--after", seconds, "--vault"])
        .arg(vault)
        .process_group(0)
        .current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop)
}

fn unit(id: &str) -> String {
    format!("hostward-undo-{id}")
}
