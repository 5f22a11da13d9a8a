//! One source over both: memory where it reaches, the disk before.

use super::Look;
use hostward_engine::labels::Labels;
use hostward_engine::promql::source::{Point, Selector, Source};
use hostward_engine::{Excerpt, Found};
use std::sync::Arc;

/// Memory and disk as one.
pub struct Over<'a> {
    /// A copy of what memory holds.
    pub memory: &'a Excerpt,
    /// The blocks.
    pub disk: &'a Look<'a>,
}

impl Source for Over<'_> {
    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let older = match self.memory.is_whole_since(from_ms) {
            true => Found::new(),
            false => self.disk.fetch(selector, from_ms, to_ms),
        };
        let on_disk: usize = older.values().map(Vec::len).sum();
        let joined = self.memory.join(selector, from_ms, to_ms, older);
        self.disk.charge(joined.values().map(Vec::len).sum::<usize>().saturating_sub(on_disk));
        joined.into_iter().collect()
    }

    fn instant(&self, selector: &Selector, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, Point)> {
        let mut made = self.memory.made(selector).peekable();
        if made.peek().is_some() {
            return made.map(|(labels, value)| (labels, Point { at_ms, value })).collect();
        }
        let series = self.range(selector, at_ms.saturating_sub(lookback_ms), at_ms).into_iter();
        series
            .filter_map(|(labels, points)| Some((labels, *points.last().filter(|point| !point.is_end())?)))
            .collect()
    }
}
