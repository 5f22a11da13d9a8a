//! The table of all series. What a batch does to it is in `intake`, what it forgets in `trim`.

use super::probe::Probe;
use super::selection::Selections;
use super::{Catalog, NewLevel, Series, catalog};
use crate::labels::Labels;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All series. Slots are reused; `by_labels` and `by_name` find them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Table {
    pub(super) series: Vec<Option<Series>>,
    pub(super) probes: Vec<Probe>,
    pub(super) free: Vec<u32>,
    #[serde(skip)]
    pub(super) by_labels: BTreeMap<Arc<Labels>, u32>,
    #[serde(skip)]
    pub(super) by_name: BTreeMap<String, Named>,
    /// How often a series was added or forgotten.
    #[serde(skip)]
    pub(super) changes: u64,
    #[serde(skip)]
    pub(super) selections: Selections,
    /// How many values the tails of all series together hold.
    #[serde(skip)]
    pub(super) tailed: Cell<usize>,
    /// Slots of series that are unusual now, and of some that just were.
    #[serde(skip)]
    pub(super) unusual: Vec<u32>,
    /// New levels that were not taken yet.
    #[serde(skip)]
    pub(super) settled: Vec<NewLevel>,
    /// Before this, samples were forgotten.
    #[serde(skip)]
    pub(super) dropped_ms: i64,
    #[serde(skip)]
    pub(super) catalog: Option<Arc<Catalog>>,
}

/// The slots of the series with one name, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub slots: Vec<u32>,
    /// The table's count of changes when they last changed.
    pub changed: u64,
}

impl Table {
    pub(super) fn index(&mut self, slot: u32) {
        let Some(series) = &self.series[slot as usize] else { return };
        self.by_labels.insert(series.labels.clone(), slot);
        self.changes += 1;
        let named = self.by_name.entry(series.labels.name().to_owned()).or_default();
        named.changed = self.changes;
        // In order, so that a restored table gives the same sums to the last bit.
        let place = named.slots.partition_point(|other| *other < slot);
        named.slots.insert(place, slot);
    }

    /// The series is gone.
    pub(super) fn unindex(&mut self, slot: u32, labels: &Labels) {
        self.changes += 1;
        self.by_labels.remove(labels);
        let Some(named) = self.by_name.get_mut(labels.name()) else { return };
        named.changed = self.changes;
        named.slots.retain(|other| *other != slot);
        if named.slots.is_empty() {
            self.by_name.remove(labels.name());
        }
    }

    /// Moves the past along when somebody set the clock.
    pub fn shift(&mut self, by_ms: i64) {
        for probe in &mut self.probes {
            probe.raw.shift(by_ms);
            probe.minutes.shift(by_ms);
        }
        self.dropped_ms += by_ms;
        for slot in &self.unusual {
            if let Some(episode) = self.series[*slot as usize].as_mut().and_then(|own| own.anomaly.as_mut()) {
                episode.shift(by_ms);
            }
        }
    }

    /// Moves monotonic times to another boot's clock.
    pub fn rebase(&mut self, by_ms: i64) {
        self.series.iter_mut().flatten().for_each(|series| series.rebase(by_ms));
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
        self.by_name.get(name).map_or(&[], |named| named.slots.as_slice())
    }

    /// The probe with an index.
    pub fn probe(&self, index: u16) -> &Probe {
        &self.probes[usize::from(index)]
    }

    /// The slots of the series that are unusual: since [`Table::drop_usual`] of all that became so, too.
    pub fn unusual(&self) -> &[u32] {
        &self.unusual
    }

    /// Drops from [`Table::unusual`] what has become usual.
    pub fn drop_usual(&mut self) {
        let Table { series, unusual, .. } = self;
        unusual.retain(|slot| series[*slot as usize].as_ref().is_some_and(|series| series.anomaly.is_some()));
    }

    /// Takes the new levels that series settled at since the last time.
    pub fn take_settled(&mut self) -> Vec<NewLevel> {
        std::mem::take(&mut self.settled)
    }

    /// Notes that what is unusual in a slot belongs to an incident.
    pub fn attach(&mut self, slot: u32, incident: u64) {
        let series = self.series.get_mut(slot as usize).and_then(Option::as_mut);
        if let Some(episode) = series.and_then(|series| series.anomaly.as_mut()) {
            episode.incident = Some(incident);
        }
    }

    /// The probes with their indexes.
    pub fn probes(&self) -> impl Iterator<Item = (u16, &Probe)> {
        (0..).zip(&self.probes)
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
        self.catalog.get_or_insert_with(|| Arc::new(catalog::build(&self.series, &self.probes))).clone()
    }

    /// All series, those that have ended included.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.series.iter().flatten()
    }
}
