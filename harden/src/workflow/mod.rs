//! Workflows: from what is wrong to what is known to be well again, in steps that somebody can read beforehand.
//!
//! ```text
//! content/workflows/NAME.toml ── Workflow: steps, what each waits for, retries, time, way back ──▶ Run
//! Run ── tasks() ──▶ whoever does them ── answer() ──▶ Run ── advance(now) ──▶ Told, for the log
//! ```
//!
//! [`Run`] is a pure state machine that is told the time. What is to be done is read off its state, so a process that was
//! killed goes on by reading that state again: there is no other memory. A task that was under way is begun once more, so
//! what a verb does must be the same when it is done twice.

mod definition;
mod run;
mod standing;
mod task;
pub mod verb;

#[cfg(test)]
mod tests;

pub use definition::{Argument, Call, Step, Workflow};
pub use run::Run;
pub use standing::{Phase, Progress, Standing};
pub use task::{Answer, Task, Told, What};
