//! The history on disk: blocks of columns in a directory of the state directory.
//!
//! A thread of its own ([`Writer`]) writes what memory has since the last time each 10 minutes, makes larger blocks of
//! small ones, and removes what is too old or too much. Readers ([`Look`]) open what they need and nothing else; they
//! can be other processes. What the bytes mean is said in `hostward_engine::archive`.

mod block;
mod compact;
mod desk;
pub mod evaluate;
mod look;
mod over;
mod retain;
mod shelf;
mod writer;

#[cfg(test)]
mod tests;

pub use desk::Desk;
pub use look::{Budget, Fault, Look};
pub use over::Over;
pub use writer::Writer;

use crate::telemetry::HistoryNumbers;
use shelf::Block;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The directory below the state directory.
pub const DIR: &str = "history";
/// How often samples are written, in milliseconds: what a crash can cost.
pub const FLUSH_MS: i64 = 10 * 60_000;
/// Damaged blocks that are remembered; there are not that many files.
const DAMAGED_MAX: usize = 10_000;

/// The blocks of a state directory.
pub struct Archive {
    dir: PathBuf,
    numbers: HistoryNumbers,
    /// Names of blocks that are damaged, and whether nothing of them can be read.
    damaged: Mutex<BTreeMap<String, bool>>,
}

impl Archive {
    /// The history below a state directory, be there one or not.
    pub fn new(state_dir: &Path, numbers: HistoryNumbers) -> Self {
        Archive { dir: state_dir.join(DIR), numbers, damaged: Mutex::default() }
    }

    /// What is there now, to be read within a budget.
    pub fn look(&self, budget: Budget) -> Look<'_> {
        Look::new(self, budget)
    }

    /// The blocks, in the order of their beginnings; none when there is no directory.
    fn blocks(&self) -> io::Result<Vec<Block>> {
        shelf::list(&self.dir)
    }

    fn damaged(&self) -> MutexGuard<'_, BTreeMap<String, bool>> {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a block is damaged; it is told and counted once.
    fn note_damage(&self, block: &Block, why: &str, is_whole: bool) {
        let mut damaged = self.damaged();
        let name = block.name.to_string();
        if let Some(known) = damaged.get_mut(&name) {
            *known |= is_whole;
        } else if damaged.len() < DAMAGED_MAX {
            tracing::error!("{}: {why}; the rest of the history goes on", block.path.display());
            self.numbers.damaged.inc();
            damaged.insert(name, is_whole);
        }
    }
}
