//! How far the learning of a series has come, for people.

use serde::{Deserialize, Serialize};

/// How far the learning of a series has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maturity {
    /// Finite values seen.
    pub seen: u32,
    /// When the first of them came, wall clock.
    pub since_ms: i64,
    /// What is known by now.
    pub stage: Stage,
    /// Share of the hours of the day that were seen on two days, from 0 to 1.
    pub day: f64,
    /// The highest confidence that it can give by now: the past is no longer than it is.
    pub surest: f64,
}

/// What is known of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// Too little to say anything.
    Learning,
    /// Its level and how it moves.
    Level,
    /// The course of the day, too.
    Day,
    /// How days of the week differ, too.
    Week,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Stage; 4] = [Stage::Learning, Stage::Level, Stage::Day, Stage::Week];

    /// As people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Learning => "learning",
            Stage::Level => "level known",
            Stage::Day => "day known",
            Stage::Week => "week known",
        }
    }
}
