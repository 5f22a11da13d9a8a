//! One question to a program: its answer, in bounded time and memory.

use super::{Child, LOOK_EVERY, ready};
use crate::Fault;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::{Command, ExitStatus};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A child that has to answer by a deadline; what it prints can be read as it comes.
pub struct Asked {
    child: Child,
    deadline: Duration,
    end: Instant,
}

/// What a program that has ended said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    pub complaint: String,
    pub status: ExitStatus,
}

/// Starts `command`; `what` is its name in faults.
pub fn ask(what: &str, command: Command, deadline: Duration) -> Result<Asked, Fault> {
    let child = Child::start(what, command)?;
    Ok(Asked { child, deadline, end: Instant::now() + deadline })
}

/// The whole answer and how the child ended; more than `bytes_max` is a fault.
pub fn answer(command: Command, deadline: Duration, bytes_max: usize) -> Result<Answer, Fault> {
    ask(&name(&command), command, deadline)?.answer(bytes_max)
}

/// The whole answer of a child that has to end well, or what it said instead.
pub fn good_answer(command: Command, deadline: Duration, bytes_max: usize) -> Result<String, Fault> {
    let what = name(&command);
    let Answer { text, complaint, status } = answer(command, deadline, bytes_max)?;
    if status.success() {
        return Ok(text);
    }
    let said = complaint.lines().last().or(text.lines().next()).unwrap_or("");
    let said: String = said.chars().take(200).collect();
    Err(Fault::Unreadable { what, error: format!("{status} {said}").trim_end().to_owned() })
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

impl Asked {
    /// Reads to the end and waits for it.
    pub fn answer(&mut self, bytes_max: usize) -> Result<Answer, Fault> {
        let mut bytes = Vec::new();
        let read = self.take(bytes_max as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.fault(&error))?;
        if bytes.len() > bytes_max {
            let error = format!("its answer is longer than {bytes_max} bytes");
            return Err(Fault::Unreadable { what: self.child.what.clone(), error });
        }
        let (text, status) = (String::from_utf8_lossy(&bytes).into_owned(), self.wait()?);
        Ok(Answer { text, complaint: self.child.complaint().into_owned(), status })
    }

    /// Waits for the end.
    pub fn wait(&mut self) -> Result<ExitStatus, Fault> {
        loop {
            let status = self.child.status()?;
            // Heard after looking, so that nothing said before the end is missed.
            self.child.hear().map_err(|error| self.fault(&error))?;
            match status {
                Some(status) => return Ok(status),
                None if Instant::now() >= self.end => return Err(self.timeout()),
                None => thread::sleep(LOOK_EVERY),
            }
        }
    }

    /// Ends the child as [`Child::end`] does.
    pub fn end(&mut self) -> Option<JoinHandle<()>> {
        self.child.end()
    }

    fn fault(&self, error: &io::Error) -> Fault {
        if error.kind() == io::ErrorKind::TimedOut { self.timeout() } else { self.child.fault(error) }
    }

    fn timeout(&self) -> Fault {
        Fault::Timeout { what: self.child.what.clone(), after_ms: self.deadline.as_millis() as u64 }
    }

    /// Waits until there is something to read, from either pipe.
    fn wait_for_words(&self) -> io::Result<()> {
        let left = self.end.saturating_duration_since(Instant::now());
        let watched = |pipe| PollFd::new(pipe, PollFlags::POLLIN);
        let output = watched(self.child.output.as_fd());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match &self.child.errors {
            Some(errors) => poll(&mut [output, watched(errors.as_fd())], timeout)?,
            None => poll(&mut [output], timeout)?,
        };
        Ok(())
    }
}

impl Read for Asked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if Instant::now() >= self.end {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.child.hear()?;
            if let Some(read) = ready(&mut self.child.output, into)? {
                return Ok(read);
            }
            self.wait_for_words()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shell;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn an_answer_is_whole_in_c_and_apart_from_complaints() {
        let said = answer(shell("echo $LC_ALL; echo complaint >&2; exit 1"), LONG, 100).unwrap();
        assert_eq!((said.text.as_str(), said.complaint.as_str()), ("C\n", "complaint\n"));
        assert_eq!(said.status.code(), Some(1));
        let text = good_answer(shell("yes 123456789 | head -n 50000"), LONG, 500_000).unwrap();
        assert_eq!(text.len(), 500_000);
    }

    #[test]
    fn many_complaints_hold_nothing_up_and_are_kept_short() {
        let said = answer(shell("yes no | head -n 50000 >&2; echo yes"), LONG, 100).unwrap();
        assert_eq!((said.text.as_str(), said.complaint.len()), ("yes\n", 4096));
    }

    #[test]
    fn every_other_end_is_a_fault() {
        let said = |script, deadline| good_answer(shell(script), deadline, 100).unwrap_err().to_string();
        assert_eq!(said("echo cannot talk; exit 3", LONG), "/bin/sh: exit status: 3 cannot talk");
        assert_eq!(said("echo x; echo no bus >&2; exit 1", LONG), "/bin/sh: exit status: 1 no bus");
        assert_eq!(said("exit 2", LONG), "/bin/sh: exit status: 2");
        assert_eq!(said("yes", LONG), "/bin/sh: its answer is longer than 100 bytes");
        let short = Duration::from_millis(50);
        assert_eq!(said("exec sleep 60", short), "/bin/sh: no answer in 50 ms");
        assert_eq!(said("exec >&-; sleep 60", short), "/bin/sh: no answer in 50 ms");
        assert_eq!(said("exec 2>&-; sleep 60", short), "/bin/sh: no answer in 50 ms");
        let missing = good_answer(Command::new("/nonexistent/chronyc"), LONG, 100).unwrap_err();
        assert_eq!(missing.reason(), "missing");
    }

    #[test]
    fn a_child_that_was_ended_is_gone() {
        let mut asked = ask("sleep", shell("exec sleep 60"), LONG).unwrap();
        let pid = asked.child.process.as_ref().unwrap().id();
        assert!(asked.end().is_none());
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }
}
