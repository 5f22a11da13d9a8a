//! Unit tests of rules in promtool's format: series that are drawn, and the alerts and values that they should give.
//!
//! A test runs through the same evaluator and the same alert lifecycle as the daemon.

mod file;
mod run;

pub use file::{Files, Suite, Wrong};
pub use run::run;
