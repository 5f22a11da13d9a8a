//! What a source gave, some hours at a time: rules look at nearly the same samples again and again.

use crate::labels::Labels;
use crate::promql::source::{Point, Selector, Source};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// How far ahead is read.
const AHEAD_MS: i64 = 6 * 3_600_000;

/// A source that remembers.
pub struct Memo<'a> {
    source: &'a dyn Source,
    known: RefCell<HashMap<Selector, Stretch>>,
}

/// What is known of a selector.
#[derive(Default)]
struct Stretch {
    from_ms: i64,
    to_ms: i64,
    /// The longest look back so far.
    back_ms: i64,
    series: Vec<(Arc<Labels>, Vec<Point>)>,
}

impl<'a> Memo<'a> {
    /// Remembers nothing yet.
    pub fn new(source: &'a dyn Source) -> Self {
        Memo { source, known: RefCell::default() }
    }
}

impl Stretch {
    fn reach(&mut self, source: &dyn Source, selector: &Selector, from_ms: i64, to_ms: i64) {
        self.back_ms = self.back_ms.max(to_ms.saturating_sub(from_ms));
        if self.from_ms <= from_ms && to_ms <= self.to_ms {
            return;
        }
        self.from_ms = to_ms.saturating_sub(self.back_ms);
        self.to_ms = to_ms.saturating_add(AHEAD_MS);
        self.series = source.range(selector, self.from_ms, self.to_ms);
    }
}

impl Source for Memo<'_> {
    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let mut found = Vec::new();
        self.each(selector, from_ms, to_ms, &mut |labels, points| {
            found.push((labels.clone(), points.to_vec()))
        });
        found
    }

    fn each(
        &self,
        selector: &Selector,
        from_ms: i64,
        to_ms: i64,
        visit: &mut dyn FnMut(&Arc<Labels>, &[Point]),
    ) {
        let mut known = self.known.borrow_mut();
        if !known.contains_key(selector) {
            known.insert(selector.clone(), Stretch::default());
        }
        let Some(stretch) = known.get_mut(selector) else { return };
        stretch.reach(self.source, selector, from_ms, to_ms);
        for (labels, points) in &stretch.series {
            let begin = points.partition_point(|point| point.at_ms <= from_ms);
            let end = points.partition_point(|point| point.at_ms <= to_ms);
            if begin < end {
                visit(labels, &points[begin..end]);
            }
        }
    }

    fn instant(&self, selector: &Selector, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, Point)> {
        let mut found = Vec::new();
        self.each(selector, at_ms.saturating_sub(lookback_ms), at_ms, &mut |labels, points| {
            found.extend(points.last().filter(|last| !last.is_end()).map(|last| (labels.clone(), *last)));
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[derive(Default)]
    struct Counting(Cell<u32>);

    impl Source for Counting {
        fn range(&self, _: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
            self.0.set(self.0.get() + 1);
            let first = from_ms.div_euclid(10_000) + 1;
            let points =
                (first..=to_ms.div_euclid(10_000)).map(|at| Point { at_ms: at * 10_000, value: at as f64 });
            vec![(Arc::default(), points.collect())]
        }
    }

    #[test]
    fn the_same_is_read_once_however_far_rules_look_back() {
        let (source, selector) = (Counting::default(), Selector { name: None, matchers: Vec::new() });
        let memo = Memo::new(&source);
        for at_ms in (0..24 * 3_600_000).step_by(60_000) {
            for back_ms in [300_000, 3_600_000] {
                assert_eq!(
                    memo.range(&selector, at_ms - back_ms, at_ms),
                    Counting::default().range(&selector, at_ms - back_ms, at_ms)
                );
            }
            assert_eq!(memo.instant(&selector, at_ms, 300_000)[0].1.at_ms, at_ms / 10_000 * 10_000);
        }
        assert!(source.0.get() < 8, "{} reads", source.0.get());
    }
}
