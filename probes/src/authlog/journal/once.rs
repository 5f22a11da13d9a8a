//! One question to the journal, answered in a bounded time.

use super::{COMPLAINT_BYTES_MAX, RUN_BYTES_MAX, end_child, objection, read_ready, without_waiting};
use crate::Fault;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ONCE: &str = "journalctl";

/// What journalctl prints for `args`, until it ends or `deadline` is over.
pub fn once(args: &[&str], deadline: Duration) -> Result<String, Fault> {
    let mut command = Command::new("journalctl");
    command.args(["--no-pager", "--output=short-iso"]).args(args).env("LC_ALL", "C");
    output(command, deadline)
}

fn output(mut command: Command, deadline: Duration) -> Result<String, Fault> {
    let io = |error: io::Error| Fault::io(ONCE, &error);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().and_then(without_waiting).map_err(io)?;
    let (end, mut text, mut complaint) = (Instant::now() + deadline, Vec::new(), Vec::new());
    loop {
        let ended = child.try_wait().map_err(io)?.is_some();
        // Read after looking, so that nothing written before the end is missed.
        take(child.stdout.as_mut(), &mut text, RUN_BYTES_MAX).map_err(io)?;
        take(child.stderr.as_mut(), &mut complaint, COMPLAINT_BYTES_MAX).map_err(io)?;
        if ended {
            break;
        }
        if Instant::now() >= end {
            end_child(child);
            return Err(Fault::Timeout { what: ONCE.to_owned(), after_ms: deadline.as_millis() as u64 });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    objection(ONCE, &complaint).map_or_else(|| Ok(String::from_utf8_lossy(&text).into_owned()), Err)
}

/// Keeps at most `bytes_max` and lets the rest go by.
fn take(pipe: Option<&mut impl Read>, into: &mut Vec<u8>, bytes_max: usize) -> io::Result<()> {
    pipe.map_or(Ok(()), |pipe| {
        read_ready(pipe, RUN_BYTES_MAX, &mut |bytes| {
            let room = bytes_max.saturating_sub(into.len());
            into.extend_from_slice(&bytes[..bytes.len().min(room)]);
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authlog::journal::tests::shell;

    #[test]
    fn one_answer_is_whole_and_does_not_take_for_ever() {
        let long = output(shell("yes 123456789 | head -n 50000; exit 1"), Duration::from_secs(20)).unwrap();
        assert_eq!(long.len(), 500_000);
        let stuck = output(shell("exec sleep 60"), Duration::from_millis(50));
        assert!(matches!(stuck, Err(Fault::Timeout { after_ms: 50, .. })));
        let denied = output(shell("echo insufficient permissions >&2; exit 1"), Duration::from_secs(20));
        assert!(matches!(denied, Err(Fault::Denied { .. })));
    }
}
