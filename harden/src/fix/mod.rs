//! Fixes: from a finding, a failed check or an alert to a script that changes the host carefully, under one contract.
//!
//! ```text
//! content/fixes/NAME.toml ── Fix: typed inputs, steps ──┐
//! values ── type, no control characters ── literal ─────┴─▶ script = header + inputs + steps + runtime
//! ```
//!
//! A fix is data: it names steps and gives their arguments, and holds no code. What a step does is written once for each
//! language, in its runtime (`bash/runtime.sh`, `python/runtime.py`); [`step`] lists the steps.

mod ansible;
mod bash;
mod front;
mod library;
mod python;
mod reach;
mod script;
pub mod step;

pub use front::{Answers, Fix, Risk};
pub use library::{Choice, Library};
pub use reach::{Need, Reach};
pub use script::{Cause, FixError, Language};
