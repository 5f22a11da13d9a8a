//! The eyes of hostward: the only crate that reads the host.
//!
//! A probe is a file: it declares its metrics, reads text, parses it, and tests the parsing. It remembers
//! nothing between runs, except where a log is followed. [`PROBES`] is the one list of them.

mod host;
mod probe;
#[cfg(test)]
mod testing;

mod loadavg;

pub use host::Host;
pub use probe::{Fault, Pace, Probe, Spec};

/// Every built-in probe, in the order in which a tick runs them.
pub static PROBES: &[&Spec] = &[&loadavg::SPEC];
