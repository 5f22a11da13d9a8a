//! What the table remembers of each probe: when it ran and in which order its series come.

use crate::history::Timeline;
use hostward_model::{Batch, Sample};
use serde::{Deserialize, Serialize};

/// How far ahead in the last order the next series is looked for.
const LOOK_AHEAD: usize = 8;

/// The slot of a series that was refused.
pub const REFUSED: u32 = u32::MAX;

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
    /// The slots of the series of its last batch, in order; `REFUSED` where there was no room.
    pub order: Vec<u32>,
    /// The last batch, to know its series again: the next one is mostly alike.
    #[serde(skip)]
    pub last: Batch,
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
            last: Batch::new(),
        }
    }

    /// Adds a run; the second tick is there when this run is the first of its minute.
    pub fn tick(&mut self, wall_ms: i64) -> (u64, Option<u64>) {
        let minute = wall_ms.div_euclid(60_000);
        let fresh = minute != self.minute;
        self.minute = minute;
        (self.raw.push(wall_ms), fresh.then(|| self.minutes.push(wall_ms)))
    }

    /// The place of the next series: where batches are not quite alike they still have nearly the same order.
    pub fn find(&self, at: usize, sample: &Sample<'_>) -> Option<usize> {
        let end = self.last.len().min(at + LOOK_AHEAD);
        (at..end).find(|place| self.last.sample(*place).is_some_and(|last| last.is_alike(sample)))
    }

    /// Takes a batch for the last one.
    pub fn remember(&mut self, batch: &Batch, order: Vec<u32>) {
        self.order = order;
        if !self.last.is_alike(batch) {
            self.last.copy_samples(batch);
        }
    }
}
