//! The table of all series, and what a batch does to it.

use super::probe::Probe;
use super::{Series, catalog};
use crate::history::{Column, MINUTE_TIER_MS, RAW_MS, Timeline};
use crate::labels::{Labels, NAME};
use crate::port::OWN;
use crate::view::{Catalog, Counts};
use hostward_model::{Batch, Now, Sample};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All series. Slots are reused; `by_labels` and `by_name` find them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Table {
    series: Vec<Option<Series>>,
    probes: Vec<Probe>,
    free: Vec<u32>,
    #[serde(skip)]
    by_labels: BTreeMap<Arc<Labels>, u32>,
    #[serde(skip)]
    by_name: BTreeMap<String, Vec<u32>>,
    #[serde(skip)]
    catalog: Option<Arc<Catalog>>,
}

/// Samples and their times as they are saved.
#[derive(Serialize)]
pub struct History<'a> {
    columns: Vec<(&'a Column, &'a Column)>,
    lines: Vec<(&'a Timeline, &'a Timeline)>,
}

/// Samples and their times as they are read back.
#[derive(Deserialize)]
pub struct SavedHistory {
    columns: Vec<(Column, Column)>,
    lines: Vec<(Timeline, Timeline)>,
}

/// One run of a probe as it goes into the table.
struct Run {
    probe: u16,
    now: Now,
    tick: u64,
    minute: Option<u64>,
    judged: bool,
}

impl Table {
    /// Takes one run of a probe; series of it that are not in the batch have ended.
    pub fn take(&mut self, now: Now, name: &str, batch: &Batch, series_max: usize, counts: &mut Counts) {
        let probe = self.probe_index(name);
        let (tick, minute) = self.probes[usize::from(probe)].tick(now.wall_ms);
        let run = Run { probe, now, tick, minute, judged: name != OWN };
        let mut order = Vec::with_capacity(batch.len());
        let mut place = 0;
        for sample in batch.samples() {
            let Some(slot) = self.resolve(&run, &sample, &mut place, series_max) else {
                counts.series_refused += 1;
                continue;
            };
            order.push(slot);
            self.store(&run, slot, sample.value);
        }
        counts.samples += order.len() as u64;
        self.end_missing(&run);
        self.probes[usize::from(probe)].order = order;
    }

    fn probe_index(&mut self, name: &str) -> u16 {
        let known = self.probes.iter().position(|probe| probe.name == name);
        known.unwrap_or_else(|| {
            self.probes.push(Probe::new(name));
            self.probes.len() - 1
        }) as u16
    }

    /// The slot of a sample's series: where it was last time, or by its labels, or a new one.
    fn resolve(
        &mut self,
        run: &Run,
        sample: &Sample<'_>,
        place: &mut usize,
        series_max: usize,
    ) -> Option<u32> {
        let probe = &self.probes[usize::from(run.probe)];
        let same = |slot: u32| self.get(slot).is_some_and(|series| series.is(sample));
        if let Some(found) = probe.find(*place, same) {
            *place = found + 1;
            return Some(probe.order[found]);
        }
        let labels = labels_of(sample);
        let slot = match self.by_labels.get(&labels) {
            Some(slot) => *slot,
            None => self.add(labels, run.probe, series_max)?,
        };
        self.adopt(slot, run, sample);
        Some(slot)
    }

    fn adopt(&mut self, slot: u32, run: &Run, sample: &Sample<'_>) {
        let Some(series) = &mut self.series[slot as usize] else { return };
        if series.metric.is_none() {
            self.catalog = None;
        }
        if series.probe != run.probe {
            // Ticks of another probe mean nothing here.
            (series.raw, series.minutes) = Default::default();
            series.probe = run.probe;
        }
        series.declare(sample.metric, sample.identity());
    }

    fn add(&mut self, labels: Labels, probe: u16, series_max: usize) -> Option<u32> {
        if self.by_labels.len() >= series_max {
            return None;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.series.push(None);
            self.series.len() as u32 - 1
        });
        self.series[slot as usize] = Some(Series::new(labels, probe));
        self.index(slot);
        Some(slot)
    }

    fn index(&mut self, slot: u32) {
        let Some(series) = &self.series[slot as usize] else { return };
        self.by_labels.insert(series.labels.clone(), slot);
        self.by_name.entry(series.labels.get(NAME).to_owned()).or_default().push(slot);
    }

    fn store(&mut self, run: &Run, slot: u32, value: f64) {
        let Some(series) = &mut self.series[slot as usize] else { return };
        if series.latest.is_some_and(|(tick, _)| tick == run.tick) {
            return; // The same series twice in one batch: the first stands.
        }
        series.latest = Some((run.tick, value));
        series.see(run.now.mono_ms);
        series.raw.push(run.tick, value);
        if let Some(minute) = run.minute {
            series.minutes.push(minute, value);
        }
        if run.judged {
            series.judge(value, run.now.wall_ms, run.now.mono_ms);
        }
    }

    fn end_missing(&mut self, run: &Run) {
        let last = std::mem::take(&mut self.probes[usize::from(run.probe)].order);
        for slot in last {
            if let Some(series) = &mut self.series[slot as usize]
                && series.latest.is_some_and(|(tick, _)| tick != run.tick)
            {
                series.end(run.tick);
            }
        }
    }

    /// Moves the past along when somebody set the clock.
    pub fn shift(&mut self, by_ms: i64) {
        for probe in &mut self.probes {
            probe.raw.shift(by_ms);
            probe.minutes.shift(by_ms);
        }
    }

    /// Moves monotonic times to another boot's clock.
    pub fn rebase(&mut self, by_ms: i64) {
        self.series.iter_mut().flatten().for_each(|series| series.rebase(by_ms));
    }

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

    fn drop_before(&mut self, raw_ms: i64, minutes_ms: i64) {
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
            self.by_labels.remove(&series.labels);
            if let Some(slots) = self.by_name.get_mut(series.labels.name()) {
                slots.retain(|other| *other != slot);
            }
            self.free.push(slot);
            self.catalog = None;
        }
    }

    fn bytes(&self) -> usize {
        let lines = self.probes.iter().map(|probe| probe.raw.bytes() + probe.minutes.bytes());
        self.series.iter().flatten().map(Series::bytes).chain(lines).sum()
    }

    /// Rebuilds what a snapshot leaves out.
    pub fn reindex(&mut self) {
        (0..self.slots()).for_each(|slot| self.index(slot));
    }

    /// The samples themselves, to be saved beside the table.
    pub fn history(&self) -> History<'_> {
        History {
            columns: self.series.iter().flatten().map(|series| (&series.raw, &series.minutes)).collect(),
            lines: self.probes.iter().map(|probe| (&probe.raw, &probe.minutes)).collect(),
        }
    }

    /// Puts saved samples back, or without any makes every series one that has ended.
    pub fn set_history(&mut self, history: Option<SavedHistory>) {
        let Some(SavedHistory { columns, lines }) = history else {
            self.series
                .iter_mut()
                .flatten()
                .for_each(|series| (series.latest, series.anomaly) = (None, None));
            self.probes.iter_mut().for_each(|probe| *probe = Probe::new(&probe.name));
            return;
        };
        for (series, (raw, minutes)) in self.series.iter_mut().flatten().zip(columns) {
            (series.raw, series.minutes) = (raw, minutes);
        }
        for (probe, (raw, minutes)) in self.probes.iter_mut().zip(lines) {
            (probe.raw, probe.minutes) = (raw, minutes);
        }
    }

    /// Whether every index in a restored table points to something.
    pub fn is_sound(&self) -> bool {
        let slots = self.slots();
        let known = |slot: &u32| *slot < slots;
        self.free.iter().all(known)
            && self.probes.iter().all(|probe| probe.order.iter().all(known))
            && self.series().all(|series| usize::from(series.probe) < self.probes.len())
    }

    /// Number of slots, empty ones included.
    pub fn slots(&self) -> u32 {
        self.series.len() as u32
    }

    /// The series in a slot.
    pub fn get(&self, slot: u32) -> Option<&Series> {
        self.series.get(slot as usize)?.as_ref()
    }

    /// The slots of all series with a name.
    pub fn named(&self, name: &str) -> &[u32] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The probe with an index.
    pub fn probe(&self, index: u16) -> &Probe {
        &self.probes[usize::from(index)]
    }

    /// The latest value by slot.
    pub fn values(&self) -> Vec<Option<f64>> {
        self.series.iter().map(|series| Some(series.as_ref()?.latest?.1)).collect()
    }

    /// Number of series that live now.
    pub fn live(&self) -> u64 {
        self.series.iter().flatten().filter(|series| series.latest.is_some()).count() as u64
    }

    /// Families and series for the view; made anew only when a series was added or forgotten.
    pub fn catalog(&mut self) -> Arc<Catalog> {
        self.catalog.get_or_insert_with(|| Arc::new(catalog::build(&self.series))).clone()
    }

    /// All series, those that have ended included.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.series.iter().flatten()
    }
}

impl Series {
    fn is(&self, sample: &Sample<'_>) -> bool {
        let (text, ends) = sample.identity();
        self.metric.is_some_and(|metric| std::ptr::eq(metric, sample.metric))
            && *self.identity.0 == *text
            && ends.eq(self.identity.1.iter().copied())
    }
}

fn labels_of(sample: &Sample<'_>) -> Labels {
    let name = sample.metric.full_name(sample.fill());
    let labels = sample.metric.labels.iter().copied().zip(sample.labels());
    Labels::new(labels.chain([(NAME, name.as_str())]))
}
