//! A recording that is repeated until it is a month of blocks.

use super::recording::{Recording, Seen};
use crate::Outcome;
use hostward_engine::archive::{SLOT_MS, slot, slot_start_ms};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

/// Slots of a day.
const DAY_SLOTS: i64 = 24 * 3_600_000 / SLOT_MS;

/// How much was written.
#[derive(Default)]
pub struct Month {
    /// Bytes of all blocks.
    pub bytes: u64,
    /// Samples in them.
    pub samples: u64,
}

/// Writes so many days up to now, a block each.
pub fn write(recording: &Recording, dir: &Path, now_ms: i64, days: i64) -> Outcome<Month> {
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    fs::create_dir_all(dir).map_err(failed)?;
    let (mut month, first) = (Month::default(), slot(now_ms) - days * DAY_SLOTS);
    for day in 0..days {
        let from = first + day * DAY_SLOTS;
        let begin_s = slot_start_ms(from) / 1000;
        let name = format!("{begin_s}_{}_{}.block", begin_s + 86_400, day + 1);
        let file = BufWriter::new(File::create(dir.join(name)).map_err(failed)?);
        let before = (day * DAY_SLOTS) as usize;
        let slots = DAY_SLOTS as usize;
        let (_, bytes) = recording
            .write(file, from * SLOT_MS, slots, |seen, at| repeated(seen, recording.looks, before + at))?;
        month.bytes += bytes;
        month.samples += (recording.samples() * slots / recording.looks) as u64;
    }
    Ok(month)
}

/// A counter goes on where it was at the end of the recording.
fn repeated(seen: &Seen, looks: usize, at: usize) -> Option<f64> {
    let value = (*seen.values.get(at % looks)?)?;
    let (first, last) = (seen.values.first()?.unwrap_or(0.0), seen.values.last()?.unwrap_or(0.0));
    let growth = if seen.is_counter && last > first { last - first } else { 0.0 };
    Some(value + growth * (at / looks) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_go_on_and_gauges_begin_anew() {
        let values = [1.0, 2.0, 5.0].map(Some).to_vec();
        let at = |is_counter| {
            let seen = Seen { is_counter, values: values.clone() };
            (0..7).map(|at| repeated(&seen, 3, at).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(at(true), [1.0, 2.0, 5.0, 5.0, 6.0, 9.0, 9.0]);
        assert_eq!(at(false), [1.0, 2.0, 5.0, 1.0, 2.0, 5.0, 1.0]);
    }
}
