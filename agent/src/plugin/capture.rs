//! What a plugin that runs once prints until it ends, within its bounds.

use super::child::{has_ended, memory_peak, reap};
use super::pipe::{self, Pipe, is_told, stop, wait};
use super::spawn::Started;
use super::spec::Bounds;
use super::trouble::Trouble;
use hostward_formats::Exit;
use hostward_plugin_host::{NOT_APPLIED, REFUSED};
use std::io::PipeReader;
use std::process::{ChildStderr, ChildStdout};
use std::thread;
use std::time::{Duration, Instant};

/// How much of the standard error is kept, and how much of it is borne.
const ERRORS_KEPT_BYTES_MAX: usize = 16 << 10;
const ERRORS_BYTES_MAX: usize = 1 << 20;
/// How often it is looked whether the plugin has ended though its pipes are open, and how much memory it has.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const PAUSE_MIN: Duration = Duration::from_millis(1);

/// A run, to its end.
#[derive(Clone, Debug)]
pub struct Captured {
    /// What it printed, cut where it was ended.
    pub stdout: Vec<u8>,
    /// The beginning of what it complained of.
    pub stderr: Vec<u8>,
    /// What its sandbox said.
    pub sandbox: Vec<String>,
    /// How it ended.
    pub exit: Exit,
    /// Why it was ended, or what it left behind.
    pub trouble: Option<Trouble>,
    /// What it cost.
    pub cost: Cost,
}

impl Captured {
    /// What was printed without a word of complaint, at no cost.
    pub fn plain(stdout: Vec<u8>, exit: Exit) -> Self {
        let (stderr, sandbox, trouble, cost) = Default::default();
        Captured { stdout, stderr, sandbox, exit, trouble, cost }
    }
}

/// What a run cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// From start to end.
    pub seconds: f64,
    /// Processor time, that of children that it waited for included.
    pub cpu_seconds: f64,
    /// Most memory that its first process was seen with; nothing if it was too quick to be seen.
    pub rss_peak_bytes: Option<u64>,
    /// Processes that it left behind.
    pub left: usize,
}

/// Waits for a plugin until it ends or breaks a bound; then it and all that it started are gone.
pub fn capture(mut started: Started, bounds: &Bounds, timeout: Duration, told: &PipeReader) -> Captured {
    let (begun, pid) = (Instant::now(), started.kin.leader());
    // At its end of file a plugin for plugins.d goes home, so this is held open.
    let _stdin = started.child.stdin.take();
    let pipes = pipe::both(&mut started.child, bounds.output_bytes_max, ERRORS_KEPT_BYTES_MAX);
    let (mut stdout, mut stderr) = match pipes {
        Ok(pipes) => pipes,
        Err(trouble) => return ended(started, begun, Some(trouble), None),
    };
    let (mut pause, mut peak) = (PAUSE_MIN, None);
    let stopped = loop {
        let left = timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            break Some(Trouble::timeout(timeout));
        }
        if let Some(trouble) = overflow(&stdout, &stderr, bounds) {
            break Some(trouble);
        }
        if stdout.is_open() || stderr.is_open() {
            wait(&[stdout.wanted(), stderr.wanted(), stop(told)], left.min(LOOK_EVERY));
        } else {
            thread::sleep(pause.min(left));
            pause = (pause * 2).min(LOOK_EVERY);
        }
        if is_told(told) {
            break Some(Trouble::unreliable("hostward ends"));
        }
        let some = stdout.take() | stderr.take();
        peak = peak.max(memory_peak(pid));
        if !some && has_ended(pid) {
            break None;
        }
    };
    // What others hold open is not waited for, what is there is read.
    while overflow(&stdout, &stderr, bounds).is_none() && (stdout.take() | stderr.take()) {}
    let (stderr, sandbox) = apart(&stderr.kept);
    Captured { stdout: stdout.kept, stderr, sandbox, ..ended(started, begun, stopped, peak) }
}

fn overflow(stdout: &Pipe<ChildStdout>, stderr: &Pipe<ChildStderr>, bounds: &Bounds) -> Option<Trouble> {
    let complains = || Trouble::flood(&format!("{ERRORS_BYTES_MAX} bytes to its standard error"));
    stdout.flood(bounds).or_else(|| (stderr.bytes > ERRORS_BYTES_MAX).then(complains))
}

/// Ends everything and counts what it was.
fn ended(
    mut started: Started,
    begun: Instant,
    stopped: Option<Trouble>,
    rss_peak_bytes: Option<u64>,
) -> Captured {
    let seconds = begun.elapsed().as_secs_f64();
    if stopped.is_none() {
        started.kin.settle();
    }
    let left = started.kin.end();
    let (exit, cpu_seconds) = reap(&mut started.child);
    let exit = if stopped.as_ref().is_some_and(|own| own.word == "timeout") { Exit::TimedOut } else { exit };
    // One that is ended before its time has had no chance to clean up.
    let trouble = stopped.or_else(|| (left > 0).then(|| Trouble::left(left)));
    let cost = Cost { seconds, cpu_seconds, rss_peak_bytes, left };
    Captured { trouble, cost, ..Captured::plain(Vec::new(), exit) }
}

/// What a plugin complained of, and what its sandbox said through the same pipe.
pub fn apart(stderr: &[u8]) -> (Vec<u8>, Vec<String>) {
    let is_sandbox =
        |line: &&[u8]| [NOT_APPLIED, REFUSED].iter().any(|prefix| line.starts_with(prefix.as_bytes()));
    let (sandbox, own): (Vec<&[u8]>, Vec<&[u8]>) =
        stderr.split_inclusive(|byte| *byte == b'\n').partition(is_sandbox);
    let said = |line: &[u8]| String::from_utf8_lossy(line).trim_end().to_owned();
    (own.concat(), sandbox.into_iter().map(said).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sandbox_says_is_not_the_plugins() {
        let said = b"confinement: not applied: cgroup: x\nno such disk\nconfinement: refused: socket\n";
        let (own, sandbox) = apart(said);
        assert_eq!(own, b"no such disk\n");
        assert_eq!(sandbox, ["confinement: not applied: cgroup: x", "confinement: refused: socket"]);
    }
}
