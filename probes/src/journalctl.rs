//! The journal through `journalctl`: followed as it grows, or asked once.
//!
//! Lines written while the child is being restarted are seen only where a cursor tells where to go on.

use crate::Fault;
use crate::child::{Child, answer, program};
use crate::split::Splitter;
use std::process::Command;
use std::time::{Duration, Instant};

/// There while journald takes messages.
pub const JOURNALD: &str = "/run/systemd/journal/socket";
const FOLLOW: &str = "journalctl --follow";
const ONCE: &str = "journalctl";
const GRANT: &str = "usermod -aG systemd-journal hostward";

/// Of what is asked once.
const ANSWER_BYTES_MAX: usize = 16 << 20;

const SETTLED_AFTER: Duration = Duration::from_millis(900);

const BACKOFF_FIRST: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(300);

/// The child, and when to start it again.
pub struct Journal {
    /// Makes the command, from where the reader has come to.
    command: Box<dyn Fn(&str) -> Command + Send>,
    /// The last one; what it complained of counts beyond its end.
    child: Option<Child>,
    runs: bool,
    splitter: Splitter,
    /// The last verdict.
    trouble: Option<Fault>,
    /// Something was read from this child.
    heard: bool,
    started: Instant,
    backoff: Duration,
    retry_at: Instant,
}

/// journalctl with the arguments of every use.
fn journalctl(args: &[&str]) -> Command {
    let mut command = program("journalctl");
    command.arg("--no-pager").args(args);
    command
}

/// What journalctl prints for `args`, until it ends or `deadline` is over.
pub fn once(args: &[&str], deadline: Duration) -> Result<String, Fault> {
    let mut command = journalctl(&["--output=short-iso"]);
    command.args(args);
    text(command, deadline)
}

fn text(command: Command, deadline: Duration) -> Result<String, Fault> {
    let answer = answer(command, deadline, ANSWER_BYTES_MAX)?;
    objection(ONCE, &answer.complaint).map_or(Ok(answer.text), Err)
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
            runs: false,
            splitter: Splitter::default(),
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
        if !self.runs && Instant::now() >= self.retry_at {
            self.spawn(cursor)?;
        }
        if self.runs {
            self.read(each)?;
        }
        self.verdict()
    }

    fn spawn(&mut self, cursor: &str) -> Result<(), Fault> {
        self.retry_at = Instant::now() + self.backoff;
        self.backoff = (self.backoff * 2).min(BACKOFF_MAX);
        (self.heard, self.started) = (false, Instant::now());
        self.splitter.forget();
        self.child = None;
        self.child = Some(Child::start(FOLLOW, (self.command)(cursor))?);
        self.runs = true;
        Ok(())
    }

    fn read(&mut self, each: &mut dyn FnMut(&str)) -> Result<(), Fault> {
        let Some(child) = &mut self.child else { return Ok(()) };
        let (splitter, backoff, heard) = (&mut self.splitter, &mut self.backoff, &mut self.heard);
        let read = child.read_ready(&mut |bytes| {
            (*backoff, *heard) = (BACKOFF_FIRST, true);
            splitter.feed(bytes, each);
        });
        read.map_err(|error| child.fault(&error))?;
        self.runs = child.status()?.is_none();
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
        let complaint = self.child.as_ref().map(Child::complaint).unwrap_or_default();
        match objection(FOLLOW, &complaint) {
            // Files that came later were followed all the same.
            Some(Fault::Missing { .. }) if self.heard => {}
            Some(fault) => return Err(fault),
            None => {}
        }
        if self.runs {
            return Ok(());
        }
        let error = complaint.lines().last().unwrap_or("it ended").to_owned();
        Err(Fault::Unreadable { what: FOLLOW.to_owned(), error })
    }
}

/// What journalctl complains of, if that makes what it prints incomplete.
fn objection(what: &str, complaint: &str) -> Option<Fault> {
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
mod tests;
