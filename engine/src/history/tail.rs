//! The newest values of a series as plain numbers, for ranges that are read again and again.
//!
//! A window of five minutes moves by one value from one evaluation to the next: to decompress all of it each time
//! would be most of what rules cost.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;

/// Longer windows are decompressed each time.
const VALUES_MAX: u64 = 256;
/// A window may begin so many ticks earlier the next time: evaluations are not exactly as regular as ticks.
const SLACK: u64 = 2;

/// The newest values of a series, without a hole, while somebody reads them. They are found anew from the column when
/// they are missing, so no snapshot holds them.
#[derive(Clone, Debug, Default)]
pub struct Tail(RefCell<Option<Box<Held>>>);

#[derive(Clone, Debug)]
struct Held {
    /// The tick after the last value.
    end: u64,
    values: VecDeque<f64>,
    /// So many are kept.
    wanted: usize,
    used: bool,
}

impl Tail {
    /// Notes the value of a tick.
    pub fn push(&mut self, tick: u64, value: f64) {
        let Some(held) = self.0.get_mut() else { return };
        if tick != held.end {
            held.values.clear();
        }
        if held.values.len() == held.wanted {
            held.values.pop_front();
        }
        held.values.push_back(value);
        held.end = tick + 1;
    }

    /// Appends what `with` makes of the values of the ticks in a range; false when they are not all at hand.
    pub fn read<T>(
        &self,
        ticks: &Range<u64>,
        out: &mut Vec<T>,
        with: impl Fn(u64, f64) -> Option<T>,
    ) -> bool {
        let mut tail = self.0.borrow_mut();
        let Some(held) = &mut *tail else { return false };
        let first = held.end - held.values.len() as u64;
        if ticks.start < first || ticks.end > held.end {
            return false;
        }
        held.used = true;
        let values = held.values.range((ticks.start - first) as usize..(ticks.end - first) as usize);
        out.extend(ticks.clone().zip(values).filter_map(|(tick, value)| with(tick, *value)));
        true
    }

    /// The ticks to fill it with so that a window is at hand the next time; none when that is too long.
    pub fn wants(ticks: &Range<u64>) -> Option<Range<u64>> {
        let wanted = ticks.start.saturating_sub(SLACK)..ticks.end;
        (wanted.end.saturating_sub(wanted.start) <= VALUES_MAX).then_some(wanted)
    }

    /// Holds the values of these ticks, if there is one for each; says how many more it holds than before.
    pub fn fill(&self, ticks: Range<u64>, values: impl Iterator<Item = (u64, f64)>) -> usize {
        let values: VecDeque<f64> = values.map(|(_, value)| value).collect();
        let wanted = (ticks.end - ticks.start) as usize;
        let before = self.len();
        if values.len() != wanted || wanted < before {
            return 0;
        }
        *self.0.borrow_mut() = Some(Box::new(Held { end: ticks.end, values, wanted, used: true }));
        wanted - before
    }

    /// Lets the values go unless they were read since the last call; how many are kept.
    pub fn settle(&mut self) -> usize {
        let tail = self.0.get_mut();
        *tail = tail.take_if(|held| std::mem::replace(&mut held.used, false));
        self.len()
    }

    fn len(&self) -> usize {
        self.0.borrow().as_ref().map_or(0, |held| held.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Column;
    use proptest::prelude::*;

    proptest! {
        /// What is at hand is what the column holds, whatever holes there are.
        #[test]
        fn a_tail_is_the_end_of_its_column(steps in prop::collection::vec((1_u64..3, 0_u64..40, 0_u64..3), 1..200)) {
            let (mut column, mut tail, mut tick) = (Column::default(), Tail::default(), 0);
            for (passed, length, ahead) in steps {
                tick += if passed == 2 { 5 } else { 1 };
                column.push(tick, tick as f64);
                tail.push(tick, tick as f64);
                let ticks = (tick + 1).saturating_sub(length)..tick + 1 + ahead;
                let mut found = Vec::new();
                if tail.read(&ticks, &mut found, |tick, value| Some((tick, value))) {
                    prop_assert_eq!(&found, &column.range(ticks.start, ticks.end).collect::<Vec<_>>());
                } else if let Some(wanted) = Tail::wants(&ticks) {
                    tail.fill(wanted.clone(), column.range(wanted.start, wanted.end));
                }
            }
        }
    }

    #[test]
    fn what_is_not_read_goes() {
        let mut tail = Tail::default();
        assert_eq!(tail.fill(0..3, (0..3).map(|tick| (tick, 1.0))), 3);
        assert_eq!((tail.settle(), tail.settle()), (3, 0));
        assert!(!tail.read(&(1..3), &mut Vec::new(), |_, value| Some(value)));
    }
}
