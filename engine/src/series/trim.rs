//! What the table forgets, and when.

use super::{Series, Table};
use crate::history::{MINUTE_TIER_MS, RAW_MS};
use hostward_model::Now;

impl Table {
    /// Forgets what is too old, then more until the history fits; returns its size.
    pub fn trim(&mut self, now: Now, bytes_max: usize) -> usize {
        self.forget_ended(now);
        let (mut raw, mut minutes) = (RAW_MS, MINUTE_TIER_MS);
        loop {
            self.drop_before(now.wall_ms - raw, now.wall_ms - minutes);
            let bytes = self.bytes();
            if bytes <= bytes_max || raw < 60_000 {
                return bytes;
            }
            (raw, minutes) = (raw * 4 / 5, minutes * 4 / 5);
        }
    }

    /// From when on every sample of every probe is remembered.
    pub fn whole_since_ms(&self) -> Option<i64> {
        let first = self.probes.iter().filter_map(|probe| probe.raw.first()).max();
        first.map(|first| first.max(self.dropped_ms))
    }

    fn drop_before(&mut self, raw_ms: i64, minutes_ms: i64) {
        self.dropped_ms = raw_ms;
        for series in self.series.iter_mut().flatten() {
            let probe = &self.probes[usize::from(series.probe)];
            series.raw.drop_before(probe.raw.after(raw_ms));
            series.minutes.drop_before(probe.minutes.after(minutes_ms));
        }
        for probe in &mut self.probes {
            // Chunks go as a whole, so the oldest that is left may reach back a chunk further than asked.
            probe.raw.drop_before(probe.raw.after(raw_ms).saturating_sub(128));
            probe.minutes.drop_before(probe.minutes.after(minutes_ms).saturating_sub(128));
        }
    }

    fn forget_ended(&mut self, now: Now) {
        for slot in 0..self.slots() {
            let Some(series) = self.series[slot as usize].take_if(|series| series.is_forgotten(now.mono_ms))
            else {
                continue;
            };
            self.unindex(slot, &series.labels);
            self.free.push(slot);
            self.catalog = None;
        }
    }

    fn bytes(&self) -> usize {
        let lines = self.probes.iter().map(|probe| probe.raw.bytes() + probe.minutes.bytes());
        self.series.iter().flatten().map(Series::bytes).chain(lines).sum()
    }
}
