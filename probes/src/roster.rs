//! Who is named and who is summed under `other`, for things of which a host can have any number.
//!
//! A source (a control group, a process) has counters and gauges and belongs to a name. The names that use most get
//! series of their own, the rest shares one. A name's increases are booked where the name stands at the time, so
//! no counter goes backwards when a name moves, and the sum over all series is what all sources did.

mod choice;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

/// The name of the rest. A source that bears it itself is part of the rest.
pub const OTHER: &str = "other";

/// Names that are remembered; sources of further ones are part of the rest.
const NAMES_MAX: usize = 4096;
/// Runs for which a name without sources is remembered, so that its counters go on when it comes back: an hour, at
/// a run each 10 s.
const ABSENT_RUNS_MAX: u32 = 360;

/// What makes a name large: its share of the sum over all names, by each measure.
#[derive(Debug)]
pub enum Measure {
    /// What these counters grew by since the run before.
    Increase(&'static [usize]),
    /// A gauge.
    Level(usize),
}

/// All names, with `C` counters and `G` gauges each.
pub struct Roster<const C: usize, const G: usize> {
    top: usize,
    measures: &'static [Measure],
    absent_runs_max: u32,
    first_run: bool,
    sources: HashMap<Id, Source<C>>,
    names: BTreeMap<String, Entry<C, G>>,
    rest: Entry<C, G>,
}

/// What tells a source from all that were before it: an inode number and a path, a process and its start.
pub type Id = (u64, u64);

#[derive(Debug)]
struct Source<const C: usize> {
    before: [Option<u64>; C],
    seen: bool,
}

#[derive(Debug, Clone)]
struct Entry<const C: usize, const G: usize> {
    named: bool,
    score: f64,
    absent_runs: u32,
    /// Sources in this run.
    count: u64,
    /// In this run.
    increase: [Option<u64>; C],
    gauges: [Option<u64>; G],
    /// While it had series of its own.
    counters: [Option<u64>; C],
}

/// What is shown of a name.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a, const C: usize, const G: usize> {
    pub name: &'a str,
    /// True for the sum over those that are not named.
    pub is_rest: bool,
    /// Sources under this name.
    pub count: u64,
    pub counters: &'a [Option<u64>; C],
    /// Sums over the sources that have the gauge.
    pub gauges: &'a [Option<u64>; G],
}

impl<const C: usize, const G: usize> Roster<C, G> {
    /// A roster that names `top` at most.
    pub fn new(top: u64, measures: &'static [Measure]) -> Self {
        let top = usize::try_from(top).unwrap_or(usize::MAX).min(NAMES_MAX);
        let (sources, names) = (HashMap::new(), BTreeMap::new());
        let absent_runs_max = ABSENT_RUNS_MAX;
        Roster { top, measures, absent_runs_max, first_run: true, sources, names, rest: Entry::new() }
    }

    /// A roster for events, which remembers every name: one to which nothing happens is not gone.
    pub fn of_events(top: u64, measures: &'static [Measure]) -> Self {
        Roster { absent_runs_max: u32::MAX, ..Self::new(top, measures) }
    }

    /// Begins a run.
    pub fn begin(&mut self) {
        self.sources.values_mut().for_each(|source| source.seen = false);
        self.names.values_mut().for_each(Entry::begin);
        self.rest.begin();
    }

    /// A source as it is now. One that was not there before did all that it did since then.
    ///
    /// A counter of a source that falls did not start anew, or the source would be another one: the disk that it
    /// counted is gone. That is no increase.
    pub fn add(&mut self, id: Id, name: &str, counters: [Option<u64>; C], gauges: [Option<u64>; G]) {
        let source = self.sources.entry(id).or_insert(Source { before: [None; C], seen: true });
        let mut increase = counters;
        for (grown, before) in increase.iter_mut().zip(source.before) {
            *grown = grown.map(|now| now.saturating_sub(before.unwrap_or(0)));
        }
        source.before = counters;
        source.seen = true;
        self.increase(name, increase, gauges);
    }

    /// What the sources of a name did since the run before, where the caller knows that.
    pub fn increase(&mut self, name: &str, increase: [Option<u64>; C], gauges: [Option<u64>; G]) {
        let entry = self.entry(name);
        entry.count += 1;
        sum(&mut entry.increase, &increase);
        sum(&mut entry.gauges, &gauges);
    }

    fn entry(&mut self, name: &str) -> &mut Entry<C, G> {
        let is_known = self.names.contains_key(name);
        if name == OTHER || !is_known && self.names.len() >= NAMES_MAX {
            return &mut self.rest;
        }
        if !is_known {
            self.names.insert(name.to_owned(), Entry::new());
        }
        self.names.get_mut(name).unwrap_or(&mut self.rest)
    }

    /// Ends the run: chooses who is named and books what was done.
    pub fn finish(&mut self) {
        self.sources.retain(|_, source| source.seen);
        let most = self.absent_runs_max;
        self.names.retain(|_, entry| entry.absent_runs < most);
        choice::score(&mut self.names, self.measures, self.first_run);
        choice::choose(&mut self.names, self.top);
        self.first_run = false;
        for entry in self.names.values_mut() {
            if entry.named {
                sum(&mut entry.counters, &entry.increase);
            } else {
                sum(&mut self.rest.increase, &entry.increase);
                sum(&mut self.rest.gauges, &entry.gauges);
                self.rest.count += entry.count;
            }
        }
        sum(&mut self.rest.counters, &self.rest.increase);
    }

    /// The names that have sources now, then the rest if there ever was one.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_, C, G>> {
        let named = self.names.iter().filter(|(_, entry)| entry.named && entry.count > 0);
        let rest = (self.rest.count > 0 || self.rest.counters.iter().any(Option::is_some))
            .then(|| self.rest.row(OTHER, true));
        named.map(|(name, entry)| entry.row(name, false)).chain(rest)
    }
}

impl<const C: usize, const G: usize> Roster<C, G> {
    /// The counters of the names that are remembered, with sources or without, then of the rest.
    pub fn known(&self) -> impl Iterator<Item = (&str, &[Option<u64>; C])> {
        let named = self.names.iter().filter(|(_, entry)| entry.named);
        let rest = self.rest.counters.iter().any(Option::is_some).then_some((OTHER, &self.rest.counters));
        named.map(|(name, entry)| (name.as_str(), &entry.counters)).chain(rest)
    }
}

impl<const C: usize, const G: usize> Entry<C, G> {
    fn new() -> Self {
        Entry {
            named: false,
            score: 0.0,
            absent_runs: 0,
            count: 0,
            increase: [None; C],
            gauges: [None; G],
            counters: [None; C],
        }
    }

    fn begin(&mut self) {
        self.absent_runs = if self.count == 0 { self.absent_runs.saturating_add(1) } else { 0 };
        (self.count, self.increase, self.gauges) = (0, [None; C], [None; G]);
    }

    fn row<'a>(&'a self, name: &'a str, is_rest: bool) -> Row<'a, C, G> {
        Row { name, is_rest, count: self.count, counters: &self.counters, gauges: &self.gauges }
    }
}

fn sum(into: &mut [Option<u64>], more: &[Option<u64>]) {
    for (total, more) in into.iter_mut().zip(more) {
        if let Some(more) = more {
            *total = Some(total.unwrap_or(0).saturating_add(*more));
        }
    }
}
