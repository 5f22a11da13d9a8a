//! A log file followed by position, across its rotation.
//!
//! A file that was renamed is read on for a while beside its successor, because its writer keeps it open until
//! told. While it is held open its inode number cannot be given to another file, so the number tells them apart.

use crate::split::Splitter;
use std::fs::{self, File};
use std::num::ParseIntError;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, io};

/// Bytes read in one run; the rest is read by the next.
const RUN_BYTES_MAX: u64 = 4 << 20;

/// Runs for which a rotated file is still read.
const ROTATED_RUNS: u8 = 10;

/// How far a log was read; lets a restarted agent go on where it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Inode number of the file.
    pub inode: u64,
    /// Bytes up to the end of the last whole line.
    pub offset: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.inode, self.offset)
    }
}

impl FromStr for Position {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (inode, offset) = text.split_once(' ').unwrap_or((text, ""));
        Ok(Position { inode: inode.parse()?, offset: offset.parse()? })
    }
}

/// The file at a path, whichever that is at the time.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    resume: Option<Position>,
    current: Option<Open>,
    rotated: Option<(Open, u8)>,
    /// Lines cut in files that are closed by now.
    cut_before: u64,
}

#[derive(Debug)]
struct Open {
    file: File,
    inode: u64,
    read_to: u64,
    splitter: Splitter,
}

impl Follow {
    /// Starts at the end of the file, or where `resume` says.
    pub fn new(path: PathBuf, resume: Option<Position>) -> Self {
        Follow { path, resume, current: None, rotated: None, cut_before: 0 }
    }

    /// Where reading stands.
    pub fn position(&self) -> Option<Position> {
        self.current.as_ref().map(Open::position)
    }

    /// Lines that were longer than the bound.
    pub fn cut(&self) -> u64 {
        let open = self.current.iter().chain(self.rotated.iter().map(|(open, _)| open));
        self.cut_before + open.map(|open| open.splitter.cut).sum::<u64>()
    }

    /// Reads what was written since the last run.
    pub fn poll(&mut self, each: &mut dyn FnMut(&str)) -> io::Result<()> {
        let mut budget = RUN_BYTES_MAX;
        if self.current.is_none() {
            self.open_first()?;
        }
        self.drain_rotated(&mut budget, each)?;
        if let Some(open) = &mut self.current {
            open.drain(&mut budget, each)?;
        }
        if budget > 0 && self.was_replaced()? {
            self.switch()?;
            self.poll_current(&mut budget, each)?;
        }
        Ok(())
    }

    fn open_first(&mut self) -> io::Result<()> {
        let mut open = Open::at(&self.path, 0)?;
        let length = open.file.metadata()?.len();
        open.read_to = match self.resume.take() {
            None => length,
            Some(saved) if saved.inode == open.inode && saved.offset <= length => saved.offset,
            // Rotated or truncated meanwhile: all that is in it is new.
            Some(saved) => {
                self.rotated = self.predecessor(saved).map(|old| (old, ROTATED_RUNS));
                0
            }
        };
        self.current = Some(open);
        Ok(())
    }

    /// The file that `saved` speaks of, if it was renamed in the common way.
    fn predecessor(&self, saved: Position) -> Option<Open> {
        let mut path = self.path.clone().into_os_string();
        path.push(".1");
        Open::at(Path::new(&path), saved.offset).ok().filter(|old| old.inode == saved.inode)
    }

    fn drain_rotated(&mut self, budget: &mut u64, each: &mut dyn FnMut(&str)) -> io::Result<()> {
        let Some((open, runs)) = &mut self.rotated else { return Ok(()) };
        open.drain(budget, each)?;
        // Runs that end at the byte bound do not count: there is more.
        *runs -= u8::from(*budget > 0);
        if *runs == 0 {
            self.cut_before += open.splitter.cut;
            self.rotated = None;
        }
        Ok(())
    }

    fn poll_current(&mut self, budget: &mut u64, each: &mut dyn FnMut(&str)) -> io::Result<()> {
        self.current.as_mut().map_or(Ok(()), |open| open.drain(budget, each))
    }

    /// A path that is empty for the moment is no replacement: the writer still has the old file.
    fn was_replaced(&self) -> io::Result<bool> {
        match fs::metadata(&self.path) {
            Ok(found) => Ok(self.current.as_ref().is_some_and(|open| open.inode != found.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn switch(&mut self) -> io::Result<()> {
        let next = Open::at(&self.path, 0)?;
        let older = self.rotated.take();
        self.cut_before += older.map_or(0, |(open, _)| open.splitter.cut);
        self.rotated = self.current.replace(next).map(|open| (open, ROTATED_RUNS));
        Ok(())
    }
}

impl Open {
    fn at(path: &Path, read_to: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let inode = file.metadata()?.ino();
        Ok(Open { file, inode, read_to, splitter: Splitter::default() })
    }

    fn position(&self) -> Position {
        Position { inode: self.inode, offset: self.read_to - self.splitter.pending_bytes() as u64 }
    }

    fn drain(&mut self, budget: &mut u64, each: &mut dyn FnMut(&str)) -> io::Result<()> {
        self.notice_truncation()?;
        let mut chunk = [0; 16 << 10];
        while *budget > 0 {
            let most = chunk.len().min(*budget as usize);
            let read = self.file.read_at(&mut chunk[..most], self.read_to)?;
            if read == 0 {
                break;
            }
            self.splitter.feed(&chunk[..read], each);
            self.read_to += read as u64;
            *budget -= read as u64;
        }
        Ok(())
    }

    /// `copytruncate`: the same file begins again.
    fn notice_truncation(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() < self.read_to {
            self.read_to = 0;
            self.splitter.forget();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
