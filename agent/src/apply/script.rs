//! One run of a script that keeps the contract of all scripts that change something.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a run may take. Scripts bound their own steps; this is for one that does not.
const TIME_MAX: Duration = Duration::from_secs(900);
/// What is kept of what it says, on each of its two ways.
const SAID_BYTES_MAX: u64 = 1 << 20;
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a script is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Say what would change, and change nothing.
    DryRun,
    /// Change it; whoever fails puts back what was there.
    Apply,
    /// Say whether it is as it should be.
    Verify,
    /// Put back what was there.
    Rollback,
    /// Look, which is all that a diagnostic script can do.
    Look,
}

/// How a run went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its exit status; nothing when a signal or its time ended it.
    pub code: Option<i32>,
    /// What it said.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Mode {
    /// One that only looks is not made to be run as it lies there, and takes no flag.
    fn command(self, script: &Path) -> Command {
        let flag = match self {
            Mode::DryRun => "--dry-run",
            Mode::Apply => "--apply",
            Mode::Verify => "--verify",
            Mode::Rollback => "--rollback",
            Mode::Look => {
                let mut command = Command::new("/bin/bash");
                command.arg(script);
                return command;
            }
        };
        let mut command = Command::new(script);
        command.arg(flag);
        command
    }
}

impl Ran {
    /// A reason unless it went well. What the exit codes mean is the contract of docs/guide/remediation.md.
    pub fn good(&self, what: &str) -> Result<(), String> {
        let why = match self.code {
            Some(0) => return Ok(()),
            Some(1) => "failed and put back what it had changed",
            Some(2) => "was used wrongly",
            Some(3) => "needs something that is not there",
            Some(4) => "needs a person",
            Some(code) => return Err(format!("{what} ended with {code}{}", self.last_words())),
            None => "was ended by a signal, or because its time was over",
        };
        Err(format!("{what} {why}{}", self.last_words()))
    }

    fn last_words(&self) -> String {
        self.stderr.trim_end().lines().last().map_or_else(String::new, |line| format!(": {line}"))
    }
}

/// Runs a script without input, in a clean environment, as the leader of a group of its own that ends with it.
pub fn run(script: &Path, mode: Mode, undo: &Path) -> io::Result<Ran> {
    run_within(TIME_MAX, script, mode, undo)
}

/// The same, in less time.
pub fn run_within(time_max: Duration, script: &Path, mode: Mode, undo: &Path) -> io::Result<Ran> {
    let mut command = mode.command(script);
    command.current_dir("/").env_clear().process_group(0);
    command
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("HOSTWARD_UNDO_DIR", undo);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let stdout = scope.spawn(|| said(stdout));
        let stderr = scope.spawn(|| said(stderr));
        let status = ended(&mut child, time_max.min(TIME_MAX))?;
        // What it left behind holds the pipes open and has no business any more.
        let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
        let text = |reader: thread::ScopedJoinHandle<'_, String>| reader.join().unwrap_or_default();
        Ok(Ran { code: status.and_then(|status| status.code()), stdout: text(stdout), stderr: text(stderr) })
    })
}

/// Waits for its end; nothing when its time is over.
fn ended(child: &mut Child, time_max: Duration) -> io::Result<Option<ExitStatus>> {
    let until = Instant::now() + time_max;
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if Instant::now() >= until => {
                killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL)?;
                child.wait()?;
                return Ok(None);
            }
            None => thread::sleep(LOOK_EVERY),
        }
    }
}

/// The beginning of what is said; the rest is read and dropped, so that nobody waits for a reader.
fn said(from: Option<impl Read>) -> String {
    let Some(mut from) = from else { return String::new() };
    let mut kept = Vec::new();
    let _ = from.by_ref().take(SAID_BYTES_MAX).read_to_end(&mut kept);
    let _ = io::copy(&mut from, &mut io::sink());
    String::from_utf8_lossy(&kept).into_owned()
}
