//! The names in one directory, in the order in which their files lie on the disk. One of these serves a thread for all of its walk,
//! so that a name costs a few bytes in two tables that are there already.

use crate::Fault;
use rustix::fs::{FileType, RawDir};
use rustix::io::Errno;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::path::Path;

/// What the kernel fills at once, as much as the C library gives it.
const BUFFER_BYTES: usize = 32 << 10;
/// Names that are kept at once; of a larger directory the rest is read next.
const NAMES_MAX: usize = 50_000;

pub struct Names {
    buffer: Vec<MaybeUninit<u8>>,
    /// Numbers of the files, and where their names begin.
    files: Vec<(u64, usize)>,
    /// Names, each with a byte 0 behind it.
    text: Vec<u8>,
}

impl Names {
    pub fn new() -> Self {
        Names { buffer: vec![MaybeUninit::uninit(); BUFFER_BYTES], files: Vec::new(), text: Vec::new() }
    }

    /// Shows the names of all that is no link, some at a time, until the end or until it is told to stop.
    pub fn each(
        &mut self,
        path: &Path,
        directory: BorrowedFd<'_>,
        mut show: impl FnMut(&Names) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut entries = RawDir::new(directory, &mut buffer);
        let shown = loop {
            match self.fill(&mut entries) {
                Ok(()) if self.files.is_empty() => break Ok(()),
                // It was removed meanwhile.
                Err(Errno::NOENT) => break Ok(()),
                Err(error) => break Err(Fault::io(&path.display().to_string(), &error.into())),
                Ok(()) => self.files.sort_unstable(),
            }
            if let Err(fault) = show(self) {
                break Err(fault);
            }
        };
        self.buffer = buffer;
        shown
    }

    fn fill(&mut self, entries: &mut RawDir<'_, BorrowedFd<'_>>) -> Result<(), Errno> {
        self.files.clear();
        self.text.clear();
        while self.files.len() < NAMES_MAX {
            let Some(entry) = entries.next() else { break };
            let entry = entry?;
            let name = entry.file_name();
            if entry.file_type() != FileType::Symlink && !matches!(name.to_bytes(), b"." | b"..") {
                self.files.push((entry.ino(), self.text.len()));
                self.text.extend_from_slice(name.to_bytes_with_nul());
            }
        }
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &CStr> {
        self.files.iter().filter_map(|(_, start)| CStr::from_bytes_until_nul(&self.text[*start..]).ok())
    }
}
