//! What a batch does to the table.

use super::probe::{Probe, REFUSED};
use super::{Series, Table};
use crate::counts::Counts;
use crate::labels::{Labels, NAME};
use crate::own::{is_judged, is_own};
use hostward_model::{Batch, Metric, Now, Sample};

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
        let run = Run { probe, now, tick, minute, judged: is_judged(name) };
        // What tells that series are refused must not be refused itself; these are few.
        let series_max = if is_own(name) { usize::MAX } else { series_max };
        let order = self.slots_of(&run, batch, series_max);
        for (slot, sample) in order.iter().zip(batch.samples()) {
            self.store(&run, *slot, sample.value);
        }
        let refused = order.iter().filter(|slot| **slot == REFUSED).count();
        counts.series_refused += refused as u64;
        counts.samples += (order.len() - refused) as u64;
        let probe = &mut self.probes[usize::from(probe)];
        let last = if order == probe.order { Vec::new() } else { probe.order.clone() };
        probe.remember(batch, order);
        self.end_missing(&run, &last);
    }

    fn probe_index(&mut self, name: &str) -> u16 {
        let known = self.probes.iter().position(|probe| probe.name == name);
        known.unwrap_or_else(|| {
            self.probes.push(Probe::new(name));
            self.probes.len() - 1
        }) as u16
    }

    /// The slots of a batch's series: where they were last time, or by their labels, or new ones.
    fn slots_of(&mut self, run: &Run, batch: &Batch, series_max: usize) -> Vec<u32> {
        let probe = &self.probes[usize::from(run.probe)];
        let is_alike = batch.is_alike(&probe.last);
        let mut next = 0;
        let resolve = |(place, sample): (usize, Sample<'_>)| {
            let probe = &self.probes[usize::from(run.probe)];
            let found = if is_alike { Some(place) } else { probe.find(next, &sample) };
            next = found.map_or(next, |found| found + 1);
            let known = found.map(|found| probe.order[found]).filter(|slot| self.is_of(run.probe, *slot));
            known.or_else(|| self.slot_of(run, &sample, series_max)).unwrap_or(REFUSED)
        };
        batch.samples().enumerate().map(resolve).collect()
    }

    /// Whether a slot still holds a series of that probe: another can give the same series.
    fn is_of(&self, probe: u16, slot: u32) -> bool {
        self.get(slot).is_some_and(|series| series.probe == probe)
    }

    fn slot_of(&mut self, run: &Run, sample: &Sample<'_>, series_max: usize) -> Option<u32> {
        let labels = labels_of(sample);
        let slot = match self.by_labels.get(&labels) {
            Some(slot) => *slot,
            None => self.add(labels, run.probe, series_max)?,
        };
        self.adopt(slot, run, sample.metric);
        Some(slot)
    }

    fn adopt(&mut self, slot: u32, run: &Run, metric: &'static Metric) {
        let Some(series) = &mut self.series[slot as usize] else { return };
        if series.metric.is_none() {
            self.catalog = None;
        }
        if series.probe != run.probe {
            // Ticks of another probe mean nothing here.
            (series.raw, series.tail, series.minutes) = Default::default();
            series.probe = run.probe;
        }
        series.declare(metric);
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
        let Some(series) = self.series.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        if series.latest.is_some_and(|(tick, _)| tick == run.tick) {
            return; // The same series twice in one batch: the first stands.
        }
        series.latest = Some((run.tick, value));
        series.see(run.now.mono_ms);
        series.remember(run.tick, value);
        if let Some(minute) = run.minute {
            series.minutes.push(minute, value);
        }
        if run.judged {
            let was_usual = series.anomaly.is_none();
            self.settled.extend(series.judge(value, run.now.wall_ms, run.now.mono_ms));
            if was_usual && series.anomaly.is_some() {
                self.unusual.push(slot);
            }
        }
    }

    fn end_missing(&mut self, run: &Run, last: &[u32]) {
        for slot in last {
            if let Some(series) = self.series.get_mut(*slot as usize).and_then(Option::as_mut)
                && series.probe == run.probe
                && series.latest.is_some_and(|(tick, _)| tick != run.tick)
            {
                series.end(run.tick);
            }
        }
    }
}

fn labels_of(sample: &Sample<'_>) -> Labels {
    let name = sample.metric.full_name(sample.fill());
    let labels = sample.metric.labels.iter().copied().zip(sample.labels());
    Labels::new(labels.chain([(NAME, name.as_str())]))
}
