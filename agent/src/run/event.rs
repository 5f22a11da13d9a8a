//! Everything that can happen to the loop.

use super::Taken;
use crate::request::Request;
use crate::sampler::Sampled;
use hostward_engine::archive::Mark;

/// Everything that can happen to the loop.
pub enum Event {
    /// Probes have run.
    Sampled(Sampled),
    /// Plugins were read.
    Plugged(Sampled),
    /// An audit has ended.
    Audited(Sampled),
    /// Somebody asks through the API.
    Request(Request),
    /// The store has written transitions down, or could not.
    Recorded(Result<(), Unwritten>),
    /// The store has kept a snapshot, or could not.
    Saved(Result<(), String>),
    /// Samples were written to the history on disk, or could not be.
    Archived(Result<Mark, String>),
    /// SIGHUP came, or a file changed: the configuration is read again.
    Reloading,
    /// The configuration was read again.
    Reloaded(Result<Box<Taken>, String>),
    /// The engine's deadline came.
    Wake,
    /// Time to tell the watchdog that the loop turns.
    Beat,
    /// The store takes longer over a write than it may.
    Late,
    /// SIGTERM or SIGINT.
    Stop(&'static str),
}

/// Why transitions are not on disk.
#[derive(Debug, PartialEq, Eq)]
pub struct Unwritten {
    /// The store's words.
    pub error: String,
    /// The database was damaged and is a fresh one now: what it knew must be written again.
    pub fresh: bool,
}
