//! A level that was unusual, has lasted, and is the usual one now.

use crate::labels::Labels;
use hostward_model::time::DAY_MS;
use std::sync::Arc;

/// A new level is worth telling for a week.
const NEW_MS: i64 = 7 * DAY_MS;

/// When a series settled at another level. It is said once and does not outlive the process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settled {
    /// When that was clear, wall clock: within a day after it moved.
    pub at_ms: i64,
    /// What was usual before: the rate for a counter.
    pub was: f64,
    /// What is usual now.
    pub is: f64,
}

/// A series with its new level.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLevel {
    /// Name and labels.
    pub series: Arc<Labels>,
    /// The level.
    pub settled: Settled,
}

impl Settled {
    /// Whether it is still worth telling.
    pub fn is_new(&self, wall_ms: i64) -> bool {
        wall_ms - self.at_ms < NEW_MS
    }
}
