//! Numbers about the history on disk.

use super::Make;
use prometheus::{IntCounter, IntGauge, Result};

/// What writers and readers of the history count.
#[derive(Clone)]
pub struct HistoryNumbers {
    /// Bytes on disk.
    pub bytes: IntGauge,
    /// Blocks.
    pub blocks: IntGauge,
    /// Begin of the oldest block.
    pub oldest: IntGauge,
    /// Blocks that are damaged.
    pub damaged: IntCounter,
    /// Writes that failed.
    pub failures: IntCounter,
    /// Queries that were refused because they cost too much.
    pub refused: IntCounter,
}

impl HistoryNumbers {
    /// For a program that tells them nobody.
    pub fn untold() -> Result<Self> {
        Self::registered(&Make(&prometheus::Registry::new()))
    }

    pub(super) fn registered(make: &Make<'_>) -> Result<Self> {
        Ok(HistoryNumbers {
            bytes: make.int_gauge("hostward_history_bytes", "Bytes that the history takes on disk.")?,
            blocks: make.int_gauge("hostward_history_blocks", "Blocks of the history on disk.")?,
            oldest: make.int_gauge(
                "hostward_history_oldest_timestamp_seconds",
                "Begin of the oldest block of the history on disk; 0 without any.",
            )?,
            damaged: make.int_counter(
                "hostward_history_damaged_blocks_total",
                "Blocks of the history of which something cannot be read.",
            )?,
            failures: make
                .int_counter("hostward_history_write_failures_total", "Writes of the history that failed.")?,
            refused: make.int_counter(
                "hostward_queries_refused_total",
                "Queries that were broken off because they cost too much or took too long.",
            )?,
        })
    }
}
