//! Why a plugin yields nothing.

use super::refusal::Refusal;
use std::fmt;
use std::time::Duration;

/// Why there are no numbers, and whether trying again costs more than a good run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// One word for metrics.
    pub word: &'static str,
    /// The whole reason for people.
    pub why: String,
    /// Whether it is left alone for longer each time.
    pub is_costly: bool,
}

impl Trouble {
    /// It is not started at all.
    pub fn refused(refusal: &Refusal) -> Self {
        Trouble { word: "refused", why: refusal.to_string(), is_costly: false }
    }

    /// It could not be started.
    pub fn start(why: impl fmt::Display) -> Self {
        Trouble { word: "start", why: format!("it cannot be started: {why}"), is_costly: true }
    }

    /// It was ended because its time was over.
    pub fn timeout(after: Duration) -> Self {
        let why = format!("it took longer than {} s and was ended", after.as_secs_f64());
        Trouble { word: "timeout", why, is_costly: true }
    }

    /// It was ended because it printed too much.
    pub fn flood(what: &str) -> Self {
        Trouble { word: "output", why: format!("it printed more than {what} and was ended"), is_costly: true }
    }

    /// It ended and left processes behind.
    pub fn left(count: usize) -> Self {
        let (processes, were) = if count == 1 { ("process", "was") } else { ("processes", "were") };
        let why = format!("it left {count} {processes} behind, which {were} ended");
        Trouble { word: "leftover", why, is_costly: true }
    }

    /// It crashed.
    pub fn crash(why: impl Into<String>) -> Self {
        Trouble { word: "signal", why: why.into(), is_costly: true }
    }

    /// What it said cannot be relied on.
    pub fn unreliable(why: impl Into<String>) -> Self {
        Trouble { word: "unreliable", why: why.into(), is_costly: false }
    }

    /// One that was to stay has ended.
    pub fn ended(why: impl Into<String>) -> Self {
        Trouble { word: "ended", why: why.into(), is_costly: true }
    }

    /// It asked not to be started again.
    pub fn disabled() -> Self {
        let why = "it asked not to be started again; a change of its file starts it".to_owned();
        Trouble { word: "disabled", why, is_costly: false }
    }
}
