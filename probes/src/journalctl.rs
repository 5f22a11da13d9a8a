//! The journal through `journalctl`: followed as it grows, or asked once.
//!
//! Lines written while the child is being restarted are seen only where a cursor tells where to go on.

use crate::Fault;
use crate::child::{self, ANSWER_BYTES_MAX, COMPLAINT_BYTES_MAX, end_child, read_ready};
use crate::split::Splitter;
use std::io;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// There while journald takes messages.
pub const JOURNALD: &str = "/run/systemd/journal/socket";
const FOLLOW: &str = "journalctl --follow";
const ONCE: &str = "journalctl";
const GRANT: &str = "usermod -aG systemd-journal hostward";

const SETTLED_AFTER: Duration = Duration::from_millis(900);

const BACKOFF_FIRST: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(300);

/// The child, and when to start it again.
pub struct Journal {
    /// Makes the command, from where the reader has come to.
    command: Box<dyn Fn(&str) -> Command + Send>,
    child: Option<Child>,
    splitter: Splitter,
    complaint: Vec<u8>,
    /// The last verdict.
    trouble: Option<Fault>,
    /// Something was read from this child.
    heard: bool,
    started: Instant,
    backoff: Duration,
    retry_at: Instant,
}

/// journalctl with the arguments of every use. The language is fixed because the complaints are read.
fn journalctl(args: &[&str]) -> Command {
    let mut command = Command::new("journalctl");
    command.arg("--no-pager").args(args).env("LC_ALL", "C");
    command
}

/// What journalctl prints for `args`, until it ends or `deadline` is over.
pub fn once(args: &[&str], deadline: Duration) -> Result<String, Fault> {
    let mut command = journalctl(&["--output=short-iso"]);
    command.args(args);
    answer(command, deadline)
}

fn answer(command: Command, deadline: Duration) -> Result<String, Fault> {
    let answer = child::ask(ONCE, command, deadline)?;
    objection(ONCE, answer.complaint.as_bytes()).map_or(Ok(answer.text), Err)
}

impl Journal {
    /// Follows what `args` select from now on.
    pub fn following(args: &[&str]) -> Self {
        Self::resuming(args.iter().map(|arg| (*arg).to_owned()).collect(), |_| false)
    }

    /// Follows what `args` select, from the cursor that [`Journal::poll_from`] is given where `resumes` trusts it.
    pub fn resuming(args: Vec<String>, resumes: fn(&str) -> bool) -> Self {
        Self::running(move |cursor| {
            let mut command = journalctl(&["--follow"]);
            match resumes(cursor) {
                true => command.arg(format!("--after-cursor={cursor}")),
                false => command.arg("--lines=0"),
            };
            command.args(&args);
            command
        })
    }

    fn running(command: impl Fn(&str) -> Command + Send + 'static) -> Self {
        Journal {
            command: Box::new(command),
            child: None,
            splitter: Splitter::default(),
            complaint: Vec::new(),
            trouble: None,
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
        self.poll_from("", each)
    }

    /// The same, with the cursor of the last line that was read.
    pub fn poll_from(&mut self, cursor: &str, each: &mut dyn FnMut(&str)) -> Result<(), Fault> {
        if self.child.is_none() && Instant::now() >= self.retry_at {
            self.spawn(cursor)?;
        }
        if self.child.is_some() {
            self.read(each).map_err(|error| Fault::io(FOLLOW, &error))?;
            self.reap().map_err(|error| Fault::io(FOLLOW, &error))?;
        }
        self.verdict()
    }

    fn spawn(&mut self, cursor: &str) -> Result<(), Fault> {
        self.retry_at = Instant::now() + self.backoff;
        self.backoff = (self.backoff * 2).min(BACKOFF_MAX);
        self.complaint.clear();
        (self.heard, self.started) = (false, Instant::now());
        self.splitter.forget();
        let child = child::start(&mut (self.command)(cursor));
        self.child = Some(child.map_err(|error| Fault::io(FOLLOW, &error))?);
        Ok(())
    }

    fn read(&mut self, each: &mut dyn FnMut(&str)) -> io::Result<()> {
        let Some(child) = &mut self.child else { return Ok(()) };
        let (splitter, backoff, heard) = (&mut self.splitter, &mut self.backoff, &mut self.heard);
        if let Some(pipe) = &mut child.stdout {
            read_ready(pipe, ANSWER_BYTES_MAX, &mut |bytes| {
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

    /// A child that was just started has not had time to repeat what the one before complained of.
    fn verdict(&mut self) -> Result<(), Fault> {
        let result = self.judge();
        match &self.trouble {
            Some(trouble) if result.is_ok() && !self.is_settled() => return Err(trouble.clone()),
            _ => self.trouble = result.clone().err(),
        }
        result
    }

    /// journalctl runs on when it sees nothing, or nothing but its own user's messages, and says so once.
    fn judge(&self) -> Result<(), Fault> {
        match objection(FOLLOW, &self.complaint) {
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
        Err(Fault::Unreadable { what: FOLLOW.to_owned(), error })
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            end_child(child);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child::tests::shell;

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
        let mut journal = Journal::running(|_| shell("echo one; printf two; exec sleep 60"));
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
        let mut journal = Journal::running(|_| shell("echo one; echo broken >&2; exit 3"));
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
        let script = |_: &str| {
            shell(
                "echo 'Hint: You are currently not seeing messages from other users and the system.' >&2; exec sleep 60",
            )
        };
        let mut journal = Journal::running(script);
        until(
            &mut journal,
            |_, result| matches!(result, Err(Fault::Denied { grant, .. }) if grant.contains("systemd-journal")),
        );
    }

    #[test]
    fn no_journal_is_missing_until_something_is_heard() {
        let script =
            |_: &str| shell("echo 'No journal files were found.' >&2; sleep 0.2; echo line; exec sleep 60");
        let mut journal = Journal::running(script);
        until(&mut journal, |_, result| matches!(result, Err(Fault::Missing { .. })));
        until(&mut journal, |seen, result| !seen.is_empty() && result.is_ok());
    }

    #[test]
    fn no_journalctl_is_missing() {
        let mut journal = Journal::running(|_| Command::new("/nonexistent/journalctl"));
        assert!(matches!(journal.poll(&mut |_| {}), Err(Fault::Missing { .. })));
        // Not tried again before its time.
        assert!(journal.poll(&mut |_| {}).is_err());
    }

    #[test]
    fn a_restarted_child_goes_on_behind_the_cursor() {
        let mut journal = Journal::running(|cursor| shell(&format!("echo after {cursor}")));
        let mut seen = Vec::new();
        while seen.is_empty() {
            let _ = journal.poll_from("s=1", &mut |line| seen.push(line.to_owned()));
        }
        assert_eq!(seen, ["after s=1"]);
    }

    #[test]
    fn a_refused_question_names_the_group() {
        let denied = answer(shell("echo insufficient permissions >&2; exit 1"), Duration::from_secs(20));
        assert!(matches!(denied, Err(Fault::Denied { grant, .. }) if grant.contains("systemd-journal")));
    }

    #[test]
    fn a_trouble_lasts_until_the_next_child_is_heard_or_has_had_its_time() {
        let mut journal = Journal::running(|_| shell("echo insufficient permissions >&2; exit 1"));
        let denied = |result: &Result<(), Fault>| matches!(result, Err(Fault::Denied { .. }));
        until(&mut journal, |_, result| denied(result));
        journal.command = Box::new(|_| shell("sleep 0.2; echo better; exec sleep 60"));
        (journal.child, journal.retry_at) = (None, Instant::now());
        assert!(denied(&journal.poll(&mut |_| {})));
        until(&mut journal, |seen, result| !seen.is_empty() && result.is_ok());
    }
}
