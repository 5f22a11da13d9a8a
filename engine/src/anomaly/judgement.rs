//! What is said of one value.

use serde::{Deserialize, Serialize};

/// One value beside what was expected of it, and how sure we are that it is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The value judged: the rate for a counter.
    pub value: f64,
    /// What was expected.
    pub expected: f64,
    /// Lower and upper end of what is usual.
    pub band: (f64, f64),
    /// How alarming it is, from 0 to 1, comparable between series: a habit is less alarming the tenth time. This is
    /// what alerts go by.
    pub score: f64,
    /// How sure we are that it is no ordinary value, from 0 to 1: 0.99 is exceeded by one ordinary value in a hundred.
    pub confidence: f64,
    /// What spoke loudest.
    pub channel: Channel,
}

/// What a value is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channel {
    /// The usual level.
    #[default]
    Level,
    /// The same hour of other days.
    Day,
}

impl Channel {
    /// As people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Level => "level",
            Channel::Day => "time of day",
        }
    }
}
