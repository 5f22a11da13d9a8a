//! What a plugin that runs once prints until it ends, within its bounds.

use super::spawn::Started;
use super::spec::Bounds;
use super::trouble::Trouble;
use hostward_formats::Exit;
use hostward_plugin_host::{NOT_APPLIED, REFUSED};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use std::fs;
use std::io::{self, ErrorKind, PipeReader, Read};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};
use wait4::Wait4;

/// How much of the standard error is kept, and how much of it is borne.
const ERRORS_KEPT_BYTES_MAX: usize = 16 << 10;
const ERRORS_BYTES_MAX: usize = 1 << 20;
/// How often it is looked whether the plugin has ended though its pipes are open, and how much memory it has.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const PAUSE_MIN: Duration = Duration::from_millis(1);
const CHUNK_BYTES: usize = 16 << 10;

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

/// One of the two pipes.
pub struct Pipe<R> {
    reader: Option<R>,
    /// What was kept of it.
    pub kept: Vec<u8>,
    kept_bytes_max: usize,
    /// How much came through it.
    pub bytes: usize,
    /// Line feeds among that.
    pub lines: usize,
}

impl<R: Read + AsFd> Pipe<R> {
    /// Reads from now on without waiting.
    pub fn new(reader: R, kept_bytes_max: usize) -> io::Result<Self> {
        fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Pipe { reader: Some(reader), kept: Vec::new(), kept_bytes_max, bytes: 0, lines: 0 })
    }

    /// Takes what is there, once. True if there was something.
    pub fn take(&mut self) -> bool {
        let mut chunk = [0; CHUNK_BYTES];
        let Some(reader) = &mut self.reader else { return false };
        match reader.read(&mut chunk) {
            Ok(0) => self.reader = None,
            Ok(length) => {
                self.bytes += length;
                self.lines += chunk[..length].iter().filter(|byte| **byte == b'\n').count();
                let room = self.kept_bytes_max.saturating_sub(self.kept.len());
                self.kept.extend_from_slice(&chunk[..length.min(room)]);
                return true;
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.reader = None,
        }
        false
    }

    /// Whether the other end may still write.
    pub fn is_open(&self) -> bool {
        self.reader.is_some()
    }

    /// What to wait for.
    pub fn wanted(&self) -> Option<PollFd<'_>> {
        self.reader.as_ref().map(|reader| PollFd::new(reader.as_fd(), PollFlags::POLLIN))
    }
}

/// Waits for a plugin until it ends or breaks a bound; then it and all that it started are gone.
pub fn capture(mut started: Started, bounds: &Bounds, timeout: Duration, told: &PipeReader) -> Captured {
    let (begun, pid) = (Instant::now(), started.kin.leader());
    // At its end of file a plugin for plugins.d goes home, so this is held open.
    let _stdin = started.child.stdin.take();
    let pipes = started.child.stdout.take().zip(started.child.stderr.take()).and_then(|(stdout, stderr)| {
        let stdout = Pipe::new(stdout, bounds.output_bytes_max).ok()?;
        Some((stdout, Pipe::new(stderr, ERRORS_KEPT_BYTES_MAX).ok()?))
    });
    let Some((mut stdout, mut stderr)) = pipes else {
        return ended(
            started,
            begun,
            Some(Trouble::start("its pipes cannot be read")),
            None,
            Vec::new(),
            Vec::new(),
        );
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
    ended(started, begun, stopped, peak, stdout.kept, stderr.kept)
}

fn overflow<A, B>(stdout: &Pipe<A>, stderr: &Pipe<B>, bounds: &Bounds) -> Option<Trouble> {
    let lines_max = bounds.lines_max();
    match () {
        () if stdout.bytes > bounds.output_bytes_max => {
            Some(Trouble::flood(&format!("{} bytes", bounds.output_bytes_max)))
        }
        () if stdout.lines > lines_max => Some(Trouble::flood(&format!("{lines_max} lines"))),
        () if stderr.bytes > ERRORS_BYTES_MAX => {
            Some(Trouble::flood(&format!("{ERRORS_BYTES_MAX} bytes to its standard error")))
        }
        () => None,
    }
}

/// Ends everything and counts what it was.
fn ended(
    mut started: Started,
    begun: Instant,
    stopped: Option<Trouble>,
    rss_peak_bytes: Option<u64>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
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
    let (stderr, sandbox) = apart(&stderr);
    Captured { stdout, stderr, sandbox, exit, trouble, cost }
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

/// Takes the exit status of a child that has ended or was killed.
pub fn reap(child: &mut std::process::Child) -> (Exit, f64) {
    match child.wait4() {
        Ok(all) => (exit(all.status), (all.rusage.utime + all.rusage.stime).as_secs_f64()),
        Err(_) => (Exit::Signal(9), 0.0),
    }
}

fn exit(status: ExitStatus) -> Exit {
    status.code().map_or_else(|| Exit::Signal(status.signal().unwrap_or(9)), Exit::Code)
}

/// What ends when nobody holds the other end.
pub fn stop(told: &PipeReader) -> Option<PollFd<'_>> {
    Some(PollFd::new(told.as_fd(), PollFlags::POLLIN))
}

/// Whether nobody holds the other end.
pub fn is_told(told: &PipeReader) -> bool {
    poll(&mut [PollFd::new(told.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
}

/// Waits until one of the pipes has something, or the time is over.
pub fn wait(wanted: &[Option<PollFd<'_>>], most: Duration) {
    let mut wanted: Vec<PollFd<'_>> = wanted.iter().flatten().cloned().collect();
    let ms = most.as_millis().clamp(1, i32::MAX as u128) as i32;
    let timeout = PollTimeout::try_from(ms).unwrap_or(PollTimeout::MAX);
    // Interrupted is as good as over: everything is looked at again.
    let _ = poll(&mut wanted, timeout);
}

/// Whether a child has ended; it is not reaped, so that its number stays its own.
pub fn has_ended(pid: Pid) -> bool {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    !matches!(waitid(Id::Pid(pid), flags), Ok(WaitStatus::StillAlive))
}

/// Whether a child ends within a moment, now that it has closed a pipe.
pub fn ends_soon(pid: Pid) -> bool {
    let begun = Instant::now();
    while !has_ended(pid) {
        if begun.elapsed() > LOOK_EVERY {
            return false;
        }
        thread::sleep(PAUSE_MIN);
    }
    true
}

/// Most memory that a process has had.
pub fn memory_peak(pid: Pid) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
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
