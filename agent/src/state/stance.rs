//! What alerts are held against when it is decided who is told: it is in memory, because that is done for each of them.

use crate::silence::Silence;
use hostward_engine::telling::Policy;
use std::collections::BTreeMap;

/// How many notices of each receiver were dropped.
pub type Dropped = BTreeMap<String, u64>;

/// What the store holds alerts against.
#[derive(Debug, Default)]
pub struct Stance {
    pub policy: Policy,
    /// The newest first.
    pub silences: Vec<Silence>,
    /// Since somebody asked last.
    pub dropped: Dropped,
}

impl Stance {
    /// Remembers what was dropped until somebody asks.
    pub fn count(&mut self, dropped: Dropped) {
        dropped.into_iter().for_each(|(name, count)| *self.dropped.entry(name).or_default() += count);
    }
}
