//! Format 1, of hostward 0.1 before it knew incidents: what was learnt is left behind, all else is kept.
//!
//! These are the structs as they were; they are never changed.

use super::{Restored, SnapshotError, decoded};
use crate::clock::Clock;
use crate::counts::Counts;
use crate::engine::Memory;
use crate::labels::Labels;
use crate::lifecycle::Lifecycle;
use crate::rate::Rate;
use crate::series::{Kept, Probe, SavedHistory, Table};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct MemoryV1 {
    series: Vec<Option<SeriesV1>>,
    probes: Vec<Probe>,
    free: Vec<u32>,
    lifecycle: Lifecycle,
    clock: Clock,
    counts: Counts,
    next_trim: u64,
    next_save: u64,
    sighted: bool,
}

#[derive(Deserialize)]
struct SeriesV1 {
    labels: Arc<Labels>,
    probe: u16,
    latest: Option<(u64, f64)>,
    born_mono_ms: u64,
    seen_mono_ms: u64,
    _anomaly: Option<EpisodeV1>,
    counter: bool,
    rate: Rate,
    _baseline: BaselineV1,
    _tail: [u16; 16],
}

/// Since when, peak (value, expected, band, confidence), until when.
type EpisodeV1 = (i64, (f64, f64, (f64, f64), f64), u64);
/// Level (centre, scale), hours (slots of mean, deviation and days; day; slot), values seen, time of the last.
type BaselineV1 = ((f64, f64), ([(f32, f32, u16); 24], i32, u8), u32, i64);

/// Reads the body of a snapshot.
pub fn read(body: &[u8]) -> Result<Restored, SnapshotError> {
    let (old, history): (MemoryV1, Option<SavedHistory>) = decoded(body)?;
    let series = old.series.into_iter().map(|series| {
        let SeriesV1 { labels, probe, latest, born_mono_ms, seen_mono_ms, counter, rate, .. } = series?;
        Some(Kept { labels, probe, latest, born_mono_ms, seen_mono_ms, counter, rate })
    });
    let table = Table::kept(series, old.probes, old.free);
    let memory = Memory {
        table,
        lifecycle: old.lifecycle,
        clock: old.clock,
        counts: old.counts,
        next_trim: old.next_trim,
        next_save: old.next_save,
        sighted: old.sighted,
        ..Memory::default()
    };
    Ok(Restored { memory, baselines_version: 0, baselines: Vec::new(), history, recorded: None })
}
