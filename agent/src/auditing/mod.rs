//! The audit in the daemon: on a schedule, and when a file changes that the last one looked at.
//!
//! A thread decides when ([`thread`]); a child does it ([`ask`]), so that what it takes goes with it, and what a file
//! does to it is done to nobody else. What came of it is kept ([`last`]): a check that passed and fails now has *drifted*,
//! also over a restart. [`told`] makes samples of it, [`watch`] sees files change.

mod ask;
mod findings;
mod last;
mod schedule;
mod thread;
mod told;
mod watch;

pub use thread::Auditing;
pub use told::SPEC;
