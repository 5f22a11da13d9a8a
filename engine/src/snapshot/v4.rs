//! Formats 2 to 4, of hostward 0.1 before weeks were known: one stage of learning less was counted.

use crate::anomaly::Watch;
use crate::clock::Clock;
use crate::counts::Counts;
use crate::engine::Memory;
use crate::lifecycle::Lifecycle;
use crate::series::Table;
use serde::Deserialize;

/// The memory as it was; its fields are never changed.
#[derive(Deserialize)]
pub struct MemoryV4 {
    table: Table,
    watch: Watch,
    lifecycle: Lifecycle,
    clock: Clock,
    counts: Counts,
    next_trim: u64,
    next_save: u64,
    next_tally: u64,
    tick_ms: u64,
    stages: [u64; 3],
    sighted: bool,
}

impl From<MemoryV4> for Memory {
    fn from(old: MemoryV4) -> Self {
        let [learning, level, day] = old.stages;
        Memory {
            table: old.table,
            watch: old.watch,
            lifecycle: old.lifecycle,
            clock: old.clock,
            counts: old.counts,
            next_trim: old.next_trim,
            next_save: old.next_save,
            next_tally: old.next_tally,
            tick_ms: old.tick_ms,
            stages: [learning, level, day, 0],
            sighted: old.sighted,
        }
    }
}
