//! What outlives the process: one directory, one lock, one database.

mod alerts;
mod artifacts;
mod audit;
mod connect;
mod damage;
mod deliveries;
mod detectors;
mod dir;
mod fault;
mod json;
mod memories;
mod notices;
mod place;
mod record;
mod recorder;
mod rows;
mod schema;
mod silences;
mod snapshot;
mod stance;
mod standings;
mod store;
mod telling;
mod wal;
mod workflows;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
pub mod testing;

pub use audit::Entry;
pub use damage::aside as damaged_name;
pub use deliveries::{Delivery, Fate};
pub use detectors::{DETECTOR_BYTES_MAX, KeepError, NamedDetector, Training, check_name};
pub use dir::StateDir;
pub use fault::StoreError;
pub use memories::take as take_memories;
pub use place::Place;
pub use recorder::{Found, Recorder};
pub use silences::SilenceError;
pub use store::Store;
