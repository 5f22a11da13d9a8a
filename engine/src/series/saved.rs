//! The table's samples as a snapshot holds them, beside what was learnt.

use super::probe::Probe;
use super::{Series, Table};
use crate::anomaly::Detector;
use crate::history::{Column, Timeline};
use crate::labels::Labels;
use crate::rate::Rate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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

/// What lasts of a series whatever becomes of the format of its baseline.
pub struct Kept {
    /// See [`Series`].
    pub labels: Arc<Labels>,
    /// See [`Series`].
    pub probe: u16,
    /// See [`Series`].
    pub latest: Option<(u64, f64)>,
    /// See [`Series`].
    pub born_mono_ms: u64,
    /// See [`Series`].
    pub seen_mono_ms: u64,
    /// See [`Series`].
    pub counter: bool,
    /// See [`Series`].
    pub rate: Rate,
}

impl From<Kept> for Series {
    fn from(kept: Kept) -> Self {
        let Kept { labels, probe, latest, born_mono_ms, seen_mono_ms, counter, rate } = kept;
        let fresh = Series::new(Labels::default(), probe);
        Series { labels, latest, born_mono_ms, seen_mono_ms, counter, rate, ..fresh }
    }
}

impl Table {
    /// A table of series that have nothing learnt.
    pub fn kept(series: impl Iterator<Item = Option<Kept>>, probes: Vec<Probe>, free: Vec<u32>) -> Self {
        let series = series.map(|kept| kept.map(Series::from)).collect();
        Table { series, probes, free, ..Table::default() }
    }

    /// What was learnt of each series, in the order of the slots.
    pub fn baselines(&self) -> Vec<&Detector> {
        self.series().map(|series| &series.detector).collect()
    }

    /// Puts back what was learnt.
    pub fn set_baselines(&mut self, baselines: Vec<Detector>) {
        for (series, detector) in self.series.iter_mut().flatten().zip(baselines) {
            series.detector = detector;
        }
    }

    /// Rebuilds what a snapshot leaves out.
    pub fn reindex(&mut self) {
        (0..self.slots()).for_each(|slot| self.index(slot));
        let is_unusual = |slot: &u32| self.get(*slot).is_some_and(|series| series.anomaly.is_some());
        self.unusual = (0..self.slots()).filter(is_unusual).collect();
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
            && self.series().all(|series| usize::from(series.probe) < self.probes.len())
    }
}
