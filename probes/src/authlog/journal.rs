//! The auth lines of the journal, through `journalctl --follow`.
//!
//! Only messages of root's processes are asked for: any user may write to the journal under any name. Lines
//! written while the child is being restarted are not seen.

mod once;

use super::split::Splitter;
use crate::Fault;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const WHAT: &str = "journalctl --follow";
const GRANT: &str = "usermod -aG systemd-journal hostward";

pub use once::once;

/// Bytes read in one run; the pipe holds the rest back.
const RUN_BYTES_MAX: usize = 4 << 20;
/// What is kept of the complaints of the child.
const COMPLAINT_BYTES_MAX: usize = 4 << 10;

const SETTLED_AFTER: Duration = Duration::from_millis(900);

const BACKOFF_FIRST: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(300);

/// The child, and when to start it again.
pub struct Journal {
    command: fn() -> Command,
    child: Option<Child>,
    splitter: Splitter,
    complaint: Vec<u8>,
    /// Something was read from this child.
    heard: bool,
    started: Instant,
    backoff: Duration,
    retry_at: Instant,
}

impl Default for Journal {
    fn default() -> Self {
        Self::following(journalctl)
    }
}

fn journalctl() -> Command {
    let mut command = Command::new("journalctl");
    // Facilities auth and authpriv. The language is fixed because the complaints are read.
    command
        .args(["--follow", "--lines=0", "--no-pager", "--output=short-iso"])
        .args(["_UID=0", "SYSLOG_FACILITY=4", "SYSLOG_FACILITY=10"])
        .env("LC_ALL", "C");
    command
}

impl Journal {
    fn following(command: fn() -> Command) -> Self {
        Journal {
            command,
            child: None,
            splitter: Splitter::default(),
            complaint: Vec::new(),
            heard: false,
            started: Instant::now(),
            backoff: BACKOFF_FIRST,
            retry_at: Instant::now(),
        }
    }

    /// Lines that were longer than the bound.
    pub fn cut(&self) -> u64 {
        self.splitter.cut
    }

    /// True once the child has had time to complain: until then a count of nothing would mean nothing.
    pub fn is_settled(&self) -> bool {
        self.heard || self.started.elapsed() >= SETTLED_AFTER
    }

    /// Reads what came since the last run; starts the child if there is none.
    pub fn poll(&mut self, each: &mut dyn FnMut(&str)) -> Result<(), Fault> {
        if self.child.is_none() && Instant::now() >= self.retry_at {
            self.spawn()?;
        }
        if self.child.is_some() {
            self.read(each).map_err(|error| Fault::io(WHAT, &error))?;
            self.reap().map_err(|error| Fault::io(WHAT, &error))?;
        }
        self.verdict()
    }

    fn spawn(&mut self) -> Result<(), Fault> {
        self.retry_at = Instant::now() + self.backoff;
        self.backoff = (self.backoff * 2).min(BACKOFF_MAX);
        self.complaint.clear();
        (self.heard, self.started) = (false, Instant::now());
        self.splitter.forget();
        let mut command = (self.command)();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().and_then(without_waiting);
        self.child = Some(child.map_err(|error| Fault::io(WHAT, &error))?);
        Ok(())
    }

    fn read(&mut self, each: &mut dyn FnMut(&str)) -> io::Result<()> {
        let Some(child) = &mut self.child else { return Ok(()) };
        let (splitter, backoff, heard) = (&mut self.splitter, &mut self.backoff, &mut self.heard);
        if let Some(pipe) = &mut child.stdout {
            read_ready(pipe, RUN_BYTES_MAX, &mut |bytes| {
                (*backoff, *heard) = (BACKOFF_FIRST, true);
                splitter.feed(bytes, each);
            })?;
        }
        let complaint = &mut self.complaint;
        if let Some(pipe) = &mut child.stderr {
            read_ready(pipe, COMPLAINT_BYTES_MAX, &mut |bytes| {
                let room = COMPLAINT_BYTES_MAX - complaint.len();
                complaint.extend_from_slice(&bytes[..bytes.len().min(room)]);
            })?;
        }
        Ok(())
    }

    fn reap(&mut self) -> io::Result<()> {
        let Some(child) = &mut self.child else { return Ok(()) };
        if child.try_wait()?.is_some() {
            self.child = None;
        }
        Ok(())
    }

    /// journalctl runs on when it sees nothing, or nothing but its own user's messages, and says so once.
    fn verdict(&self) -> Result<(), Fault> {
        match objection(WHAT, &self.complaint) {
            // Files that came later were followed all the same.
            Some(Fault::Missing { .. }) if self.heard => {}
            Some(fault) => return Err(fault),
            None => {}
        }
        if self.child.is_some() {
            return Ok(());
        }
        let complaint = String::from_utf8_lossy(&self.complaint);
        let error = complaint.lines().last().unwrap_or("it ended").to_owned();
        Err(Fault::Unreadable { what: WHAT.to_owned(), error })
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            end_child(child);
        }
    }
}

fn without_waiting(child: Child) -> io::Result<Child> {
    let pipes = [child.stdout.as_ref().map(AsFd::as_fd), child.stderr.as_ref().map(AsFd::as_fd)];
    let set = pipes
        .into_iter()
        .flatten()
        .try_for_each(|pipe| fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map(|_| ()));
    if let Err(errno) = set {
        end_child(child);
        return Err(errno.into());
    }
    Ok(child)
}

fn read_ready(pipe: &mut impl Read, bytes_max: usize, each: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let (mut chunk, mut total) = ([0; 16 << 10], 0);
    while total < bytes_max {
        match pipe.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                each(&chunk[..read]);
                total += read;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What journalctl complains of, if that makes what it prints incomplete.
fn objection(what: &str, complaint: &[u8]) -> Option<Fault> {
    let complaint = String::from_utf8_lossy(complaint);
    let denied = ["insufficient permissions", "not seeing messages from other users"];
    let what = what.to_owned();
    if denied.iter().any(|words| complaint.contains(words)) {
        Some(Fault::Denied { what, grant: GRANT.to_owned() })
    } else if complaint.contains("No journal files were found") {
        Some(Fault::Missing { what: "journal files".to_owned() })
    } else {
        None
    }
}

fn end_child(mut child: Child) {
    // Both fail only when it is gone already.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    /// Polls until `enough`, for five seconds at most.
    fn until(journal: &mut Journal, enough: impl Fn(&[String], &Result<(), Fault>) -> bool) -> Vec<String> {
        let (mut seen, end) = (Vec::new(), Instant::now() + Duration::from_secs(5));
        loop {
            let result = journal.poll(&mut |line| seen.push(line.to_owned()));
            if enough(&seen, &result) {
                return seen;
            }
            assert!(Instant::now() < end, "saw {seen:?}, {result:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn lines_come_without_waiting_and_the_child_dies_with_us() {
        let mut journal = Journal::following(|| shell("echo one; printf two; exec sleep 60"));
        assert!(!journal.is_settled());
        let seen = until(&mut journal, |seen, _| !seen.is_empty());
        assert_eq!(seen, ["one"]);
        assert!(journal.is_settled());
        let pid = journal.child.as_ref().unwrap().id();
        drop(journal);
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }

    #[test]
    fn a_child_that_ended_is_named_and_started_again_later() {
        let mut journal = Journal::following(|| shell("echo one; echo broken >&2; exit 3"));
        journal.backoff = Duration::from_millis(50);
        let ended = |result: &Result<(), Fault>| matches!(result, Err(Fault::Unreadable { error, .. }) if error == "broken");
        let seen = until(&mut journal, |_, result| ended(result));
        assert_eq!(seen, ["one"]);
        journal.retry_at = Instant::now();
        let seen = until(&mut journal, |seen, _| !seen.is_empty());
        assert_eq!(seen, ["one"]);
        assert!(journal.retry_at > Instant::now());
    }

    #[test]
    fn missing_rights_name_the_group() {
        let script = || {
            shell(
                "echo 'Hint: You are currently not seeing messages from other users and the system.' >&2; exec sleep 60",
            )
        };
        let mut journal = Journal::following(script);
        until(
            &mut journal,
            |_, result| matches!(result, Err(Fault::Denied { grant, .. }) if grant.contains("systemd-journal")),
        );
    }

    #[test]
    fn no_journal_is_missing_until_something_is_heard() {
        let script = || shell("echo 'No journal files were found.' >&2; sleep 0.2; echo line; exec sleep 60");
        let mut journal = Journal::following(script);
        until(&mut journal, |_, result| matches!(result, Err(Fault::Missing { .. })));
        until(&mut journal, |seen, result| !seen.is_empty() && result.is_ok());
    }

    #[test]
    fn no_journalctl_is_missing() {
        let mut journal = Journal::following(|| Command::new("/nonexistent/journalctl"));
        assert!(matches!(journal.poll(&mut |_| {}), Err(Fault::Missing { .. })));
        // Not tried again before its time.
        assert!(journal.poll(&mut |_| {}).is_err());
    }
}
