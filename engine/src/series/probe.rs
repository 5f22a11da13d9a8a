//! What the table remembers of each probe: when it ran and in which order its series come.

use crate::history::Timeline;
use serde::{Deserialize, Serialize};

/// How far ahead in the last order the next series is looked for.
const LOOK_AHEAD: usize = 8;

/// One probe.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// Its name.
    pub name: String,
    /// Its ticks.
    #[serde(skip)]
    pub raw: Timeline,
    /// The first tick of each minute.
    #[serde(skip)]
    pub minutes: Timeline,
    /// Number of the last minute that has a tick.
    pub minute: i64,
    /// The series of its last batch, in order.
    pub order: Vec<u32>,
}

impl Probe {
    /// A probe that has not run.
    pub fn new(name: &str) -> Self {
        Probe {
            name: name.to_owned(),
            raw: Timeline::default(),
            minutes: Timeline::default(),
            minute: i64::MIN,
            order: Vec::new(),
        }
    }

    /// Adds a run; the second tick is there when this run is the first of its minute.
    pub fn tick(&mut self, wall_ms: i64) -> (u64, Option<u64>) {
        let minute = wall_ms.div_euclid(60_000);
        let fresh = minute != self.minute;
        self.minute = minute;
        (self.raw.push(wall_ms), fresh.then(|| self.minutes.push(wall_ms)))
    }

    /// The place of the next series: a batch comes in nearly the same order every time, so no hashing is needed.
    pub fn find(&self, at: usize, mut is: impl FnMut(u32) -> bool) -> Option<usize> {
        let end = self.order.len().min(at + LOOK_AHEAD);
        (at..end).find(|place| is(self.order[*place]))
    }
}
