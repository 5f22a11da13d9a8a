//! What the engine counts of its own work.

use serde::{Deserialize, Serialize};

/// The engine's numbers about itself; all but the first two only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Series that live now.
    pub series: u64,
    /// Bytes of history held.
    pub history_bytes: u64,
    /// Samples taken in.
    pub samples: u64,
    /// New series refused because the table was full.
    pub series_refused: u64,
    /// Samples refused because their time had already passed.
    pub samples_late: u64,
    /// Rule evaluations.
    pub evaluations: u64,
    /// Rule evaluations that failed.
    pub evaluation_failures: u64,
    /// Alert transitions.
    pub transitions: u64,
}
