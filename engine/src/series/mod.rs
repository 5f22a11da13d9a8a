//! The series of this host: who they are, their latest value, their past and their baseline.

mod catalog;
mod intake;
mod learnt;
mod moved;
mod probe;
mod saved;
mod select;
mod selection;
mod settled;
mod table;
mod trim;

pub use catalog::{Catalog, Family, Row};
pub use learnt::{Amend, Course, Learnt};
pub use moved::Moved;
pub use probe::Probe;
pub use saved::{Kept, SavedHistory};
pub use settled::{NewLevel, Settled};
pub use table::Table;

use crate::alert::Evidence;
use crate::anomaly::{Channel, Detector, Episode, Judgement, Past};
use crate::history::{self, Column, Tail};
use crate::labels::Labels;
use crate::rate::Rate;
use hostward_model::Metric;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a series that has ended is remembered at least and at most.
const FORGET_MS_MIN: u64 = 30 * 60_000;
const FORGET_MS_MAX: u64 = 24 * 3_600_000;

/// One series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Series {
    /// Name and labels.
    pub labels: Arc<Labels>,
    /// Index of the probe that yields it.
    pub probe: u16,
    /// The latest value and its tick; a series that has ended has none.
    pub latest: Option<(u64, f64)>,
    /// When it was first and last seen.
    born_mono_ms: u64,
    seen_mono_ms: u64,
    /// Open while it is unusual.
    pub anomaly: Option<Box<Episode>>,
    /// When it was unusual before.
    pub past: Past,
    counter: bool,
    rate: Rate,
    /// The new level that it settled at last.
    #[serde(skip)]
    settled: Option<Settled>,
    /// In a snapshot a part of its own.
    #[serde(skip)]
    detector: Detector,
    /// Every sample of the last half hour.
    #[serde(skip)]
    pub raw: Column,
    /// The newest of them, while rules read them.
    #[serde(skip)]
    pub(super) tail: Tail,
    /// One sample a minute of the last day.
    #[serde(skip)]
    pub minutes: Column,
    /// What the probe declared; unknown between a restore and the first sample.
    #[serde(skip)]
    metric: Option<&'static Metric>,
}

impl Series {
    fn new(labels: Labels, probe: u16) -> Self {
        Series {
            labels: Arc::new(labels),
            probe,
            latest: None,
            born_mono_ms: 0,
            seen_mono_ms: 0,
            anomaly: None,
            past: Past::default(),
            settled: None,
            counter: false,
            rate: Rate::default(),
            detector: Detector::default(),
            raw: Column::default(),
            tail: Tail::default(),
            minutes: Column::default(),
            metric: None,
        }
    }

    /// Judges a value that came at `wall_ms`, and learns from it; gives the new level that it settled at just now, if any.
    fn judge(&mut self, value: f64, wall_ms: i64, mono_ms: u64) -> Option<NewLevel> {
        let judged = if self.counter { self.rate.observe(value, mono_ms) } else { Some(value) };
        let leaving = self.detector.leaving();
        let judgement = judged.and_then(|value| self.detector.observe(wall_ms, value));
        let leaving = leaving.filter(|_| judgement.is_some_and(|said| said.channel == Channel::NewLevel));
        let settled = leaving.and_then(|leaving| self.settle_at(leaving, wall_ms));
        self.settled = settled.or(self.settled);
        let judgement = judgement.filter(|said| self.matters(said));
        if let Some(over) = Episode::advance(&mut self.anomaly, judgement, wall_ms, mono_ms) {
            self.past.learn(&over);
        }
        settled.map(|settled| NewLevel { series: self.labels.clone(), settled })
    }

    fn matters(&self, said: &Judgement) -> bool {
        self.is_much(said.value - said.expected)
    }

    fn is_much(&self, difference: f64) -> bool {
        self.metric.is_none_or(|metric| difference.abs() >= metric.matters_from)
    }

    /// The level that has lasted, if it was unusual at first: what only drifts is elsewhere each day.
    fn settle_at(&self, (left_ms, was, is): (i64, f64, f64), at_ms: i64) -> Option<Settled> {
        let unusual_ms = self.anomaly.as_ref().map(|open| open.last_ms).or(self.past.last_ms());
        let was_unusual = unusual_ms.is_some_and(|unusual_ms| unusual_ms >= left_ms);
        (was_unusual && self.is_much(is - was)).then_some(Settled { at_ms, was, is })
    }

    /// The latest value beside what is usual, as it is now.
    pub fn judgement(&self, wall_ms: i64) -> Option<Judgement> {
        let (_, value) = self.latest?;
        let value = if self.counter { self.rate.latest()? } else { value };
        self.detector.look(wall_ms, value)
    }

    fn end(&mut self, tick: u64) {
        if self.latest.take().is_some() {
            self.remember(tick, history::stale());
            self.settle();
        }
    }

    fn remember(&mut self, tick: u64, value: f64) {
        self.raw.push(tick, value);
        self.tail.push(tick, value);
    }

    /// Its anomaly is over, however it would have gone on.
    fn settle(&mut self) {
        if let Some(over) = self.anomaly.take() {
            self.past.learn(&over);
        }
    }

    /// Whether it is judged by its rate.
    pub fn is_counter(&self) -> bool {
        self.counter
    }

    fn see(&mut self, mono_ms: u64) {
        if self.born_mono_ms == 0 {
            self.born_mono_ms = mono_ms;
        }
        self.seen_mono_ms = mono_ms;
    }

    /// A series that ended is remembered for twice as long as it lived, within bounds: names that somebody makes up
    /// one after the other must not fill the table.
    fn is_forgotten(&self, mono_ms: u64) -> bool {
        let lived = self.seen_mono_ms.saturating_sub(self.born_mono_ms);
        let kept = (2 * lived).clamp(FORGET_MS_MIN, FORGET_MS_MAX);
        self.latest.is_none() && mono_ms.saturating_sub(self.seen_mono_ms) > kept
    }

    fn rebase(&mut self, by_ms: i64) {
        self.born_mono_ms = self.born_mono_ms.saturating_add_signed(by_ms);
        self.seen_mono_ms = self.seen_mono_ms.saturating_add_signed(by_ms);
        self.rate.rebase(by_ms);
        self.settle();
    }

    fn bytes(&self) -> usize {
        self.raw.bytes() + self.minutes.bytes()
    }

    /// What fills the `*` of the metric's name.
    fn part(&self) -> &str {
        self.metric.map_or("", |metric| metric.fill_of(self.labels.name()))
    }

    /// The name of the family that it belongs to.
    fn family(&self) -> Option<String> {
        Some(self.metric?.family(self.labels.name()))
    }

    /// What was learnt of levels says nothing of rates, nor the other way round.
    fn declare(&mut self, metric: &'static Metric) {
        self.metric = Some(metric);
        let part = self.part();
        let counter = metric.grows(part) || metric.kind.has_parts() && !part.is_empty();
        if std::mem::replace(&mut self.counter, counter) != counter {
            self.detector = Detector::default();
            self.settle();
        }
    }
}

impl Series {
    /// A judged value as evidence for people.
    pub fn evidence(&self, judgement: Judgement) -> Evidence {
        Evidence::of(self.labels.to_string(), judgement)
    }

    /// The series as it is now, with its baseline when there is one; nothing once it has ended.
    pub fn evidence_now(&self, wall_ms: i64) -> Option<Evidence> {
        let (_, value) = self.latest?;
        let judgement = self.anomaly.as_ref().map(|episode| episode.peak).or_else(|| self.judgement(wall_ms));
        let plain =
            Evidence { series: self.labels.to_string(), value, expected: None, band: None, confidence: None };
        Some(judgement.map_or(plain, |judgement| self.evidence(judgement)))
    }
}
