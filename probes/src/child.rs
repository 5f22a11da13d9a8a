//! Programs that are asked: started without a shell, read without waiting, ended when their time is over.

mod asked;

pub use asked::{Answer, Asked, answer, ask, good_answer};

use crate::Fault;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::borrow::Cow;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::process::{self, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What is read at once of a child that follows something.
const READY_BYTES_MAX: usize = 4 << 20;
/// What is kept of the complaints of a child.
const COMPLAINT_BYTES_MAX: usize = 4 << 10;
/// Pieces of that size after which the deadline is looked at again, however fast a child complains.
const COMPLAINTS_AT_ONCE_MAX: usize = 64;

/// How often it is looked whether a child has ended, and for how long when it was killed.
const LOOK_EVERY: Duration = Duration::from_millis(2);
const KILLED_WITHIN: Duration = Duration::from_secs(1);

/// A running program whose pipes never make the reader wait; it is killed when this goes away.
pub struct Child {
    /// Its name in faults.
    what: String,
    /// Nothing when it was let go.
    process: Option<process::Child>,
    output: ChildStdout,
    /// Nothing when it was closed.
    errors: Option<ChildStderr>,
    complaint: Vec<u8>,
}

/// A program that speaks the language C, because its answers are read.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env("LC_ALL", "C");
    command
}

impl Child {
    /// Starts `command` without input; a program that is not installed is missing. `what` is its name in faults.
    pub fn start(what: &str, mut command: Command) -> Result<Self, Fault> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().map_err(|error| Fault::io(what, &error))?;
        let (output, errors) = (process.stdout.take(), process.stderr.take());
        let what = what.to_owned();
        let Some(output) = output else {
            return Err(Fault::Unreadable { what, error: "it has no output".to_owned() });
        };
        let child = Child { what, process: Some(process), output, errors, complaint: Vec::new() };
        child.without_waiting().map_err(|error| child.fault(&error))?;
        Ok(child)
    }

    fn without_waiting(&self) -> io::Result<()> {
        let pipes = [Some(self.output.as_fd()), self.errors.as_ref().map(AsFd::as_fd)];
        for pipe in pipes.into_iter().flatten() {
            fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        Ok(())
    }

    /// The fault for an error while reading.
    pub fn fault(&self, error: &io::Error) -> Fault {
        Fault::io(&self.what, error)
    }

    /// Gives `each` what there is.
    pub fn read_ready(&mut self, each: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.hear()?;
        let (mut chunk, mut total) = ([0; 16 << 10], 0);
        while total < READY_BYTES_MAX {
            match ready(&mut self.output, &mut chunk)? {
                None | Some(0) => break,
                Some(read) => {
                    each(&chunk[..read]);
                    total += read;
                }
            }
        }
        Ok(())
    }

    /// Takes what it complains of, keeps the beginning, and lets the rest go by.
    fn hear(&mut self) -> io::Result<()> {
        let mut chunk = [0; COMPLAINT_BYTES_MAX];
        for _ in 0..COMPLAINTS_AT_ONCE_MAX {
            let Some(errors) = &mut self.errors else { break };
            match ready(errors, &mut chunk)? {
                None => break,
                Some(0) => self.errors = None,
                Some(read) => {
                    let room = COMPLAINT_BYTES_MAX - self.complaint.len();
                    self.complaint.extend_from_slice(&chunk[..read.min(room)]);
                }
            }
        }
        Ok(())
    }

    /// What it has complained of.
    pub fn complaint(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.complaint)
    }

    /// How it ended; nothing while it runs.
    pub fn status(&mut self) -> Result<Option<ExitStatus>, Fault> {
        let status = self.process.as_mut().map_or(Ok(None), process::Child::try_wait);
        status.map_err(|error| self.fault(&error))
    }

    /// Ends it by force. One that the kernel does not let go, because it hangs in a device, is waited for by the
    /// thread that is given back.
    pub fn end(&mut self) -> Option<JoinHandle<()>> {
        let mut process = self.process.take()?;
        // Fails only when it is gone already.
        let _ = process.kill();
        let begun = Instant::now();
        while begun.elapsed() < KILLED_WITHIN {
            // An error means that it is gone.
            if !matches!(process.try_wait(), Ok(None)) {
                return None;
            }
            thread::sleep(LOOK_EVERY);
        }
        // Where no thread can be had, it is reaped when hostward ends.
        let wait = move || process.wait().map(|_| ()).unwrap_or_default();
        thread::Builder::new().name(self.what.clone()).spawn(wait).ok()
    }
}

/// One that has ended is only reaped.
impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

/// What is read of a pipe; nothing while there is nothing, zero at its end.
fn ready(pipe: &mut impl Read, into: &mut [u8]) -> io::Result<Option<usize>> {
    loop {
        match pipe.read(into) {
            Ok(read) => return Ok(Some(read)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
