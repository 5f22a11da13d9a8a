//! Silences: timed requests not to be told of what matches.

mod request;
mod window;

pub use request::{Request, refused_beyond};
pub use window::Window;

use hostward_engine::telling::Matchers;
use serde::{Deserialize, Serialize};

/// One silence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Eight hex digits.
    pub id: String,
    /// What it is about.
    pub matchers: Matchers,
    /// When it holds.
    pub window: Window,
    /// Who asked for it.
    pub by: String,
    /// Why.
    pub comment: String,
    /// When it was asked for, wall clock.
    pub created_ms: i64,
    /// Who ended it before its time, and when.
    #[serde(default)]
    pub ended: Option<(String, i64)>,
    /// When an alert that fired last matched it, to within some minutes.
    #[serde(default)]
    pub matched_ms: Option<i64>,
}

impl Silence {
    /// Whether it holds now.
    pub fn is_active(&self, now_ms: i64) -> bool {
        self.ended.is_none() && self.window.is_open(now_ms)
    }

    /// Whether it will never hold again.
    pub fn is_over(&self, now_ms: i64) -> bool {
        self.ended.is_some() || self.window.end_ms().is_some_and(|end_ms| end_ms <= now_ms)
    }

    /// `active`, `waiting` for its time, or `over`.
    pub fn state(&self, now_ms: i64) -> &'static str {
        match (self.is_over(now_ms), self.is_active(now_ms)) {
            (true, _) => "over",
            (false, true) => "active",
            (false, false) => "waiting",
        }
    }
}
