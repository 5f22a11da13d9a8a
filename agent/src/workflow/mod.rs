//! Runs of workflows in the daemon: what is to be done is read off the runs, done, and answered. The daemon itself changes
//! nothing: where a step says apply, it waits for root's own process.
//!
//! ```text
//! Order ─▶ desk: Run::start, answer, advance ─▶ store (run and log, durable) ─▶ tasks ─▶ verb ─▶ Order::Answer
//! ```

mod board;
mod desk;
mod verb;

pub use board::{Board, METRICS};
pub use desk::{Order, Runner};
pub use verb::Means;
