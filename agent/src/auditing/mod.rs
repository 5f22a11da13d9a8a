//! The audit in the daemon: on a schedule, and when a file changes that the last one looked at.
//!
//! A thread decides when ([`thread`], [`schedule`]); a child does it ([`ask`]), so that what it takes goes with it, and what a
//! file does to it is done to nobody else. The child keeps what it found ([`keep`], [`last`]): a check that passed and fails now
//! has *drifted*, also over a restart. [`told`] makes samples of it, [`watch`] sees files change.

mod ask;
mod findings;
mod keep;
mod last;
mod schedule;
mod thread;
mod told;
mod watch;

pub use keep::keep;
pub use last::Ran;
pub use thread::Auditing;
pub use told::SPEC;
