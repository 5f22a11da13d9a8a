//! An open block: its index in memory, its columns read where they lie.

use super::shelf::Block;
use hostward_engine::archive::{Damage, FOOTER_BYTES, Footer, Index, Place};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// A column with more bytes is none: a day of slots takes 70 KB at most.
const COLUMN_BYTES_MAX: u32 = 1 << 20;

/// An open block.
pub struct Open {
    file: File,
    footer: Footer,
    index: Vec<u8>,
}

/// Why a block cannot be read.
pub enum Unreadable {
    /// It is not there any more: it has become part of a larger one.
    Gone,
    /// Its bytes are not what was written.
    Damaged(Damage),
    /// The system refuses.
    Io(io::Error),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Unreadable::Gone,
            io::ErrorKind::UnexpectedEof => Unreadable::Damaged(Damage("the file is cut off".to_owned())),
            _ => Unreadable::Io(error),
        }
    }
}

impl Open {
    /// Opens a block and reads its index.
    pub fn new(block: &Block) -> Result<Self, Unreadable> {
        let file = File::open(&block.path)?;
        let bytes = file.metadata()?.len();
        let mut end = [0; FOOTER_BYTES];
        file.read_exact_at(&mut end, bytes.saturating_sub(FOOTER_BYTES as u64))?;
        let footer = Footer::parse(&end, bytes).map_err(Unreadable::Damaged)?;
        let mut index = vec![0; footer.bytes as usize];
        file.read_exact_at(&mut index, footer.at)?;
        let open = Open { file, footer, index };
        open.index().map_err(Unreadable::Damaged)?;
        Ok(open)
    }

    /// What it holds.
    pub fn index(&self) -> Result<Index<'_>, Damage> {
        Index::parse(&self.index, self.footer)
    }

    /// The bytes of a column; fewer than there should be are damage that the column itself shows.
    pub fn read(&self, place: Place) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; place.bytes.min(COLUMN_BYTES_MAX) as usize];
        self.file.read_exact_at(&mut bytes, place.at)?;
        Ok(bytes)
    }
}
