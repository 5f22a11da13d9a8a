//! What is usual by the clock.

use super::{Day, Usual, Week};
use serde::{Deserialize, Serialize};

/// Nothing at first, then the course of the day, and for a series that moves that of the week beside it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Season {
    day: Option<Box<Day>>,
    week: Option<Box<Week>>,
}

impl Season {
    /// What was learnt before weeks were.
    pub fn of_day(day: Option<Box<Day>>) -> Self {
        Season { day, week: None }
    }

    /// What is usual at this time; `log` gives the logarithm of a distance from the first value, which is `origin` away
    /// from zero.
    pub fn usual(&self, at_ms: i64, origin: f64, log: impl Fn(f64) -> f64) -> Option<Usual> {
        let day = self.day_alone(at_ms)?;
        Some(self.week.as_ref().map_or(day, |week| week.refine(at_ms, day, origin, log)))
    }

    /// The same, whatever day of the week it is.
    pub fn day_alone(&self, at_ms: i64) -> Option<Usual> {
        self.day.as_ref()?.usual(at_ms)
    }

    /// The mean of the same ten minutes yesterday.
    pub fn yesterday(&self, at_ms: i64) -> Option<f64> {
        self.day.as_ref()?.yesterday(at_ms)
    }

    /// Share of the hours of a day that are known.
    pub fn known(&self) -> f64 {
        self.day.as_ref().map_or(0.0, |day| day.known())
    }

    /// Whether days of the week differ, and it is known how.
    pub fn knows_week(&self) -> bool {
        self.week.as_ref().is_some_and(|week| week.is_known())
    }

    /// From now on, if it is not so yet, days of the week are told apart.
    pub fn follow_week(&mut self) {
        self.week.get_or_insert_default();
    }

    /// Learns `count` values that are alike, `step_ms` apart.
    pub fn learn(&mut self, at_ms: i64, y: f64, log: f64, step_ms: f64, count: u32) {
        let day = self.day.get_or_insert_default();
        if let Some(week) = &mut self.week {
            week.learn(at_ms, y, count, day.usual(at_ms));
        }
        day.learn(at_ms, y, log, step_ms, count);
    }

    /// What is `now` is usual: all of the day moves by as much. `usual` is what was.
    pub fn accept(&mut self, at_ms: i64, now: f64, usual: Usual, log: impl Fn(f64) -> f64) {
        let Some(day) = &mut self.day else { return };
        let Some(bare) = day.usual(at_ms) else { return };
        let log_by = bare.log_mean.map_or(0.0, |own| log(now - (usual.mean - bare.mean)) - own);
        day.shift(now - usual.mean, log_by);
        self.week.iter_mut().for_each(|week| week.shift());
    }

    /// What was learnt long ago weighs no more than the least that counts.
    pub fn doubt(&mut self) {
        self.day.iter_mut().for_each(|day| day.doubt());
        self.week.iter_mut().for_each(|week| week.doubt());
    }
}
