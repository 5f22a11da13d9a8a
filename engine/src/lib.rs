//! Judgement over time: what is usual, what is not, and what to say about it.
//!
//! This crate has no clock, no files, no sockets and no threads. It is told the time and what was seen, and
//! says what should be done:
//!
//! ```text
//! handle(now, input)      a batch of samples, new rules, an acknowledgement
//! poll() -> effect        drain to None after each handle
//! deadline() -> mono_ms   then sleep until here
//! view() -> Arc<View>     what scrapes, API and page read
//! ```
//!
//! The same inputs give the same effects, and [`Engine::save`] followed by [`Engine::restore`] changes
//! nothing: a seeded simulator in `tests/sim` holds it to that.

pub mod alert;
pub mod anomaly;
pub mod archive;
pub mod baseline;
mod clock;
pub mod counts;
mod engine;
mod excerpt;
pub mod history;
pub mod labels;
mod lifecycle;
pub mod own;
pub mod port;
pub mod portrait;
pub mod promql;
pub mod rate;
mod recall;
pub mod rules;
pub mod scorecard;
pub mod series;
mod sight;
mod snapshot;
pub mod telling;
pub mod view;

pub use alert::{Acknowledgement, Alert, Evidence, State, Transition};
pub use engine::Engine;
pub use excerpt::{Excerpt, Found};
pub use labels::Labels;
pub use port::{Effect, Input, Scope, Settings};
pub use series::{Amend, Course, Learnt, Moved, NewLevel, Settled};
pub use snapshot::{SnapshotError, restore_detector, save_detector};
pub use view::View;
