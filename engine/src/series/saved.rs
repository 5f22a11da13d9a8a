//! The table's samples as a snapshot holds them, beside what was learnt.

use super::Table;
use super::probe::Probe;
use crate::history::{Column, Timeline};
use serde::{Deserialize, Serialize};

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

impl Table {
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
            && self.series().all(|series| usize::from(series.probe) < self.probes.len())
    }
}
