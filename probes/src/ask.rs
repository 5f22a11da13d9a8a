//! A program that is asked something: its answer, in bounded time and memory.

use crate::Fault;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often it is looked whether a child that closed its output has ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A running child whose output is being read; it is killed when this goes away.
pub struct Asked {
    what: String,
    child: Child,
    output: ChildStdout,
    deadline: Duration,
    end: Instant,
}

/// Starts `command` without input, in the language C; a program that is not installed is missing.
pub fn ask(mut command: Command, deadline: Duration) -> Result<Asked, Fault> {
    let what = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.env("LC_ALL", "C").env("TZ", "UTC");
    let mut child = command.spawn().map_err(|error| Fault::io(&what, &error))?;
    let Some(output) = child.stdout.take() else {
        return Err(Fault::Unreadable { what, error: "it has no output".to_owned() });
    };
    Ok(Asked { what, child, output, deadline, end: Instant::now() + deadline })
}

/// The whole answer and how the child ended; more than `bytes_max` is a fault.
pub fn answer(command: Command, deadline: Duration, bytes_max: usize) -> Result<(String, ExitStatus), Fault> {
    let mut asked = ask(command, deadline)?;
    let mut bytes = Vec::new();
    let read = (&mut asked).take(bytes_max as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| asked.fault(&error))?;
    if bytes.len() > bytes_max {
        let error = format!("its answer is longer than {bytes_max} bytes");
        return Err(Fault::Unreadable { what: asked.what.clone(), error });
    }
    Ok((String::from_utf8_lossy(&bytes).into_owned(), asked.wait()?))
}

/// The whole answer of a child that has to end well.
pub fn good_answer(command: Command, deadline: Duration, bytes_max: usize) -> Result<String, Fault> {
    let what = command.get_program().to_string_lossy().into_owned();
    let (text, status) = answer(command, deadline, bytes_max)?;
    if status.success() {
        return Ok(text);
    }
    let said: String = text.lines().next().unwrap_or("").chars().take(80).collect();
    Err(Fault::Unreadable { what, error: format!("{status} {said}").trim_end().to_owned() })
}

impl Asked {
    /// The fault for an error while reading.
    pub fn fault(&self, error: &io::Error) -> Fault {
        if error.kind() == io::ErrorKind::TimedOut { self.timeout() } else { Fault::io(&self.what, error) }
    }

    /// Waits for the end.
    pub fn wait(mut self) -> Result<ExitStatus, Fault> {
        loop {
            if let Some(status) = self.child.try_wait().map_err(|error| Fault::io(&self.what, &error))? {
                return Ok(status);
            }
            if Instant::now() >= self.end {
                return Err(self.timeout());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn timeout(&self) -> Fault {
        Fault::Timeout { what: self.what.clone(), after_ms: self.deadline.as_millis() as u64 }
    }
}

impl Read for Asked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_duration_since(Instant::now());
        let mut ready = [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)];
        match poll(&mut ready, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
            Ok(0) => Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => self.output.read(into),
            Err(error) => Err(error.into()),
        }
    }
}

/// One that has ended is only reaped.
impl Drop for Asked {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn an_answer_is_whole_in_c_and_without_complaints() {
        let text = good_answer(shell("echo $LC_ALL $TZ; echo complaint >&2"), LONG, 100).unwrap();
        assert_eq!(text, "C UTC\n");
        let text = good_answer(shell("yes 123456789 | head -n 50000"), LONG, 500_000).unwrap();
        assert_eq!(text.len(), 500_000);
    }

    #[test]
    fn every_other_end_is_a_fault() {
        let said = |script, deadline| good_answer(shell(script), deadline, 100).unwrap_err().to_string();
        assert_eq!(said("echo cannot talk; exit 3", LONG), "/bin/sh: exit status: 3 cannot talk");
        assert_eq!(said("yes", LONG), "/bin/sh: its answer is longer than 100 bytes");
        let short = Duration::from_millis(50);
        assert_eq!(said("exec sleep 60", short), "/bin/sh: no answer in 50 ms");
        assert_eq!(said("exec >&-; sleep 60", short), "/bin/sh: no answer in 50 ms");
        let missing = good_answer(Command::new("/nonexistent/chronyc"), LONG, 100).unwrap_err();
        assert_eq!(missing.reason(), "missing");
    }
}
