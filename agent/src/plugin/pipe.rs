//! The pipes of a plugin: read without waiting, and waited for together.

use super::spec::Bounds;
use super::trouble::Trouble;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, ErrorKind, PipeReader, Read};
use std::os::fd::AsFd;
use std::process::{Child, ChildStderr, ChildStdout};
use std::time::Duration;

const CHUNK_BYTES: usize = 16 << 10;

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
    fn new(reader: R, kept_bytes_max: usize) -> io::Result<Self> {
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

    /// What is over the bounds of what came through it.
    pub fn flood(&self, bounds: &Bounds) -> Option<Trouble> {
        let lines_max = bounds.lines_max();
        if self.bytes > bounds.output_bytes_max {
            Some(Trouble::flood(&format!("{} bytes", bounds.output_bytes_max)))
        } else if self.lines > lines_max {
            Some(Trouble::flood(&format!("{lines_max} lines")))
        } else {
            None
        }
    }
}

/// Both pipes of a plugin; of each so many bytes are kept.
pub fn both(
    child: &mut Child,
    stdout_bytes_max: usize,
    stderr_bytes_max: usize,
) -> Result<(Pipe<ChildStdout>, Pipe<ChildStderr>), Trouble> {
    let pipes = child.stdout.take().zip(child.stderr.take()).and_then(|(stdout, stderr)| {
        Some((Pipe::new(stdout, stdout_bytes_max).ok()?, Pipe::new(stderr, stderr_bytes_max).ok()?))
    });
    pipes.ok_or_else(|| Trouble::start("its pipes cannot be read"))
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
