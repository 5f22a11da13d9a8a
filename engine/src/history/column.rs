//! The values of one series over the ticks of its probe.

use super::chunk::{CHUNK_SAMPLES_MAX, Chunk};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Chunks in order of time; ticks at which the series was absent lie between them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Column {
    chunks: VecDeque<Chunk>,
}

impl Column {
    /// Appends the value of a tick, which must be later than all others.
    pub fn push(&mut self, tick: u64, value: f64) {
        match self.chunks.back_mut() {
            Some(open) if open.end() == tick && open.count < CHUNK_SAMPLES_MAX => open.push(value),
            last => {
                last.map(Chunk::close);
                self.chunks.push_back(Chunk::new(tick, value));
            }
        }
    }

    /// The ticks and values in `from..to`, in order.
    pub fn range(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, f64)> + Clone {
        let start = self.chunks.partition_point(|chunk| chunk.end() <= from);
        self.chunks
            .range(start..)
            .take_while(move |chunk| chunk.first < to)
            .flat_map(|chunk| (chunk.first..).zip(chunk.values()))
            .filter(move |(tick, _)| (from..to).contains(tick))
    }

    /// Forgets whole chunks that end at or before `tick`.
    pub fn drop_before(&mut self, tick: u64) {
        while self.chunks.front().is_some_and(|chunk| chunk.end() <= tick) {
            self.chunks.pop_front();
        }
    }

    /// The first tick that is remembered.
    pub fn first(&self) -> Option<u64> {
        self.chunks.front().map(|chunk| chunk.first)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(Chunk::bytes).sum()
    }

    /// True when nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
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
    fn old_chunks_go_and_new_ones_stay() {
        let mut column = Column::default();
        (0..1000).for_each(|tick| column.push(tick, 1.0));
        column.drop_before(500);
        assert_eq!(column.range(0, 1000).next(), Some((480, 1.0)));
        assert_eq!(column.range(0, 1000).count(), 520);
    }
}
