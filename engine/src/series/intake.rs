//! What a batch does to the table.

use super::probe::Probe;
use super::{Series, Table};
use crate::anomaly::{JUDGED, KNOWN};
use crate::labels::{Labels, NAME};
use crate::port::OWN;
use crate::view::Counts;
use hostward_model::{Batch, Now, Sample};

/// One run of a probe as it goes into the table.
struct Run {
    probe: u16,
    now: Now,
    tick: u64,
    minute: Option<u64>,
    judged: bool,
}

/// Whether series of a probe get a baseline: those about hostward itself do not.
pub fn is_judged(probe: &str) -> bool {
    ![OWN, KNOWN].contains(&probe)
}

impl Table {
    /// Takes one run of a probe; series of it that are not in the batch have ended.
    pub fn take(&mut self, now: Now, name: &str, batch: &Batch, series_max: usize, counts: &mut Counts) {
        let probe = self.probe_index(name);
        let (tick, minute) = self.probes[usize::from(probe)].tick(now.wall_ms);
        let run = Run { probe, now, tick, minute, judged: is_judged(name) };
        // What tells that series are refused must not be refused itself; these are few.
        let series_max = if [OWN, JUDGED, KNOWN].contains(&name) { usize::MAX } else { series_max };
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
            let was_usual = series.anomaly.is_none();
            series.judge(value, run.now.wall_ms, run.now.mono_ms);
            if was_usual && series.anomaly.is_some() {
                self.unusual.push(slot);
            }
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
