//! The values of one series over the ticks of its probe.

use super::chunk::{CHUNK_SAMPLES_MAX, Chunk};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Chunks in order of time; ticks at which the series was absent lie between them. The last one, into which each
/// tick writes, is at hand.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "VecDeque<Chunk>", into = "VecDeque<Chunk>")]
pub struct Column {
    closed: VecDeque<Chunk>,
    /// Without values when nothing is remembered.
    open: Chunk,
}

impl From<VecDeque<Chunk>> for Column {
    fn from(mut chunks: VecDeque<Chunk>) -> Self {
        let open = chunks.pop_back().unwrap_or_default();
        Column { closed: chunks, open }
    }
}

impl From<Column> for VecDeque<Chunk> {
    fn from(column: Column) -> Self {
        let mut chunks = column.closed;
        chunks.extend(Some(column.open).filter(|open| open.count > 0));
        chunks
    }
}

impl Column {
    /// Appends the value of a tick, which must be later than all others.
    pub fn push(&mut self, tick: u64, value: f64) {
        if !self.is_empty() && self.open.end() == tick && self.open.count < CHUNK_SAMPLES_MAX {
            return self.open.push(value);
        }
        let mut last = std::mem::replace(&mut self.open, Chunk::new(tick, value));
        if last.count > 0 {
            last.close();
            self.closed.push_back(last);
        }
    }

    /// The ticks and values in `from..to`, in order.
    pub fn range(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, f64)> + Clone {
        let chunks = self.closed.range(self.place(from)..).chain([&self.open]);
        chunks.take_while(move |chunk| chunk.first < to).flat_map(move |chunk| chunk.range(from, to))
    }

    /// The first tick in `from..to` that has a value, without reading any.
    pub fn first_in(&self, from: u64, to: u64) -> Option<u64> {
        let mut chunks = self.closed.range(self.place(from)..).chain([&self.open]);
        let chunk = chunks.find(|chunk| chunk.end() > from)?;
        Some(chunk.first.max(from)).filter(|tick| *tick < to)
    }

    /// The last tick in `from..to` that has a value, without reading any.
    pub fn last_in(&self, from: u64, to: u64) -> Option<u64> {
        let mut chunks = self.closed.iter().chain([&self.open]).rev();
        let chunk = chunks.find(|chunk| chunk.count > 0 && chunk.first < to)?;
        Some(chunk.end().min(to) - 1).filter(|tick| *tick >= from)
    }

    /// The first closed chunk that does not end before a tick.
    fn place(&self, tick: u64) -> usize {
        self.closed.partition_point(|chunk| chunk.end() <= tick)
    }

    /// A copy of the chunks that end after `tick`.
    pub fn since(&self, tick: u64) -> Column {
        let start = self.closed.partition_point(|chunk| chunk.end() <= tick);
        let open = if self.open.end() > tick { self.open.clone() } else { Chunk::default() };
        Column { closed: self.closed.range(start..).cloned().collect(), open }
    }

    /// Forgets whole chunks that end at or before `tick`.
    pub fn drop_before(&mut self, tick: u64) {
        while self.closed.pop_front_if(|chunk| chunk.end() <= tick).is_some() {}
        if self.closed.is_empty() && self.open.end() <= tick {
            self.open = Chunk::default();
        }
    }

    /// The first tick that is remembered.
    pub fn first(&self) -> Option<u64> {
        self.chunks().next().map(|chunk| chunk.first)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.chunks().map(Chunk::bytes).sum()
    }

    /// True when nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.open.count == 0
    }

    fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.closed.iter().chain([&self.open]).filter(|chunk| chunk.count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_not_filled() {
        let mut column = Column::default();
        let ticks = [3, 4, 5, 9, 10, 200];
        ticks.iter().for_each(|tick| column.push(*tick, *tick as f64));
        let seen: Vec<_> = column.range(4, 200).collect();
        assert_eq!(seen, [(4, 4.0), (5, 5.0), (9, 9.0), (10, 10.0)]);
    }

    #[test]
    fn ends_of_a_range_are_known_unread() {
        let mut column = Column::default();
        (0..300).chain(500..510).for_each(|tick| column.push(tick, 1.0));
        for (from, to) in [(0, 1000), (5, 6), (250, 505), (300, 500), (400, 503), (510, 600), (505, 505)] {
            let ticks: Vec<_> = column.range(from, to).map(|(tick, _)| tick).collect();
            assert_eq!(column.first_in(from, to), ticks.first().copied(), "{from}..{to}");
            assert_eq!(column.last_in(from, to), ticks.last().copied(), "{from}..{to}");
        }
        assert_eq!((Column::default().first_in(0, 9), Column::default().last_in(0, 9)), (None, None));
    }

    #[test]
    fn a_copy_has_what_comes_after() {
        let mut column = Column::default();
        (0..300).for_each(|tick| column.push(tick, tick as f64));
        assert!(column.since(250).range(250, 300).eq(column.range(250, 300)));
        assert_eq!(column.since(250).first(), Some(240));
        assert!(column.since(300).is_empty());
    }

    #[test]
    fn old_chunks_go_and_new_ones_stay() {
        let mut column = Column::default();
        (0..1000).for_each(|tick| column.push(tick, 1.0));
        column.drop_before(500);
        assert_eq!(column.range(0, 1000).next(), Some((480, 1.0)));
        assert_eq!(column.range(0, 1000).count(), 520);
    }
}
