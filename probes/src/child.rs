//! Programs that are asked: started without a shell, read without waiting, ended when their time is over.

use crate::Fault;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Most of an answer that is kept.
pub const ANSWER_BYTES_MAX: usize = 4 << 20;
/// What is kept of the complaints of a child.
pub const COMPLAINT_BYTES_MAX: usize = 4 << 10;

/// What a program that has ended said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    pub complaint: String,
    /// It ended with status 0.
    pub success: bool,
}

/// Runs `command` until it ends or `deadline` is over; `what` is its name in faults.
pub fn ask(what: &str, mut command: Command, deadline: Duration) -> Result<Answer, Fault> {
    let io = |error: io::Error| Fault::io(what, &error);
    let mut child = start(&mut command).map_err(io)?;
    let (end, mut text, mut complaint) = (Instant::now() + deadline, Vec::new(), Vec::new());
    let status = loop {
        let status = child.try_wait().map_err(io)?;
        // Read after looking, so that nothing written before the end is missed.
        take(child.stdout.as_mut(), &mut text, ANSWER_BYTES_MAX).map_err(io)?;
        take(child.stderr.as_mut(), &mut complaint, COMPLAINT_BYTES_MAX).map_err(io)?;
        if let Some(status) = status {
            break status;
        }
        if Instant::now() >= end {
            end_child(child);
            return Err(Fault::Timeout { what: what.to_owned(), after_ms: deadline.as_millis() as u64 });
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let [text, complaint] = [text, complaint].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Answer { text, complaint, success: status.success() })
}

/// Starts a child whose pipes never make the reader wait.
pub fn start(command: &mut Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().and_then(without_waiting)
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

/// Reads what is there, up to `bytes_max`.
pub fn read_ready(pipe: &mut impl Read, bytes_max: usize, each: &mut dyn FnMut(&[u8])) -> io::Result<()> {
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

/// Ends a child and waits for it.
pub fn end_child(mut child: Child) {
    // Both fail only when it is gone already.
    let _ = child.kill();
    let _ = child.wait();
}

/// Keeps at most `bytes_max` and lets the rest go by.
fn take(pipe: Option<&mut impl Read>, into: &mut Vec<u8>, bytes_max: usize) -> io::Result<()> {
    pipe.map_or(Ok(()), |pipe| {
        read_ready(pipe, ANSWER_BYTES_MAX, &mut |bytes| {
            let room = bytes_max.saturating_sub(into.len());
            into.extend_from_slice(&bytes[..bytes.len().min(room)]);
        })
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn one_answer_is_whole_and_does_not_take_for_ever() {
        let long =
            ask("yes", shell("yes 123456789 | head -n 50000; exit 1"), Duration::from_secs(20)).unwrap();
        assert_eq!((long.text.len(), long.success), (500_000, false));
        let stuck = ask("sleep", shell("exec sleep 60"), Duration::from_millis(50));
        assert!(matches!(stuck, Err(Fault::Timeout { after_ms: 50, .. })));
        let said = ask("sh", shell("echo no >&2"), Duration::from_secs(20)).unwrap();
        assert_eq!((said.complaint.as_str(), said.success), ("no\n", true));
        let none = ask("none", Command::new("/nonexistent/x"), Duration::from_secs(20));
        assert!(matches!(none, Err(Fault::Missing { .. })));
    }
}
