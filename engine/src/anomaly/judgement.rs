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
    /// what alerts go by. Above a half, the series did what it never did before.
    pub score: f64,
    /// How sure we are that it is no ordinary value, from 0 to 1: 0.99 is exceeded by one ordinary value in a hundred.
    pub confidence: f64,
    /// What spoke loudest.
    pub channel: Channel,
}

/// What a value is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// The usual level.
    #[default]
    Level,
    /// The same time of other days.
    Day,
    /// The same time of other days, as a ratio.
    DayRatio,
    /// The median of the last few values.
    Median,
    /// The recent mean beside that of some time before.
    Shift,
    /// The value before.
    Step,
    /// How restless the series usually is.
    Restless,
    /// How long it usually stays as it is.
    Stuck,
    /// All that the series ever did.
    Novelty,
    /// The level that was left a day ago: the new one has lasted and becomes the usual one.
    NewLevel,
    /// The same time of other weeks.
    Week,
}

impl Channel {
    /// As people read it, after "because of its".
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Level => "level",
            Channel::Day => "time of day",
            Channel::DayRatio => "ratio to the time of day",
            Channel::Median => "distance from the last values",
            Channel::Shift => "level shift",
            Channel::Step => "rate of change",
            Channel::Restless => "restlessness",
            Channel::Stuck => "standstill",
            Channel::Novelty => "never seen before",
            Channel::NewLevel => "new usual level",
            Channel::Week => "time of the week",
        }
    }
}
