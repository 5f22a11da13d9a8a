//! Reading: what the blocks hold of some series between two times, within a budget.

use super::Archive;
use super::block::{Open, Unreadable};
use super::shelf::{self, Block};
use hostward_engine::Found;
use hostward_engine::archive::{Damage, Index, Row, Strip, times, values};
use hostward_engine::labels::Labels;
use hostward_engine::promql::source::{Point, Selector, Source};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the list of blocks is read anew when one of them has gone meanwhile.
const ATTEMPTS_MAX: usize = 5;

/// What reading may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Samples that are in memory at once.
    pub samples_max: usize,
    /// Time.
    pub time_max: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { samples_max: 1_000_000, time_max: Duration::from_secs(10) }
    }
}

/// Why there is no whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// More samples than the budget has.
    Samples(usize),
    /// It took longer than it may.
    Time(Duration),
    /// The system refuses.
    Io(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Samples(max) => {
                write!(f, "more than {max} samples at once: narrow the selectors or the range")
            }
            Fault::Time(max) => {
                write!(f, "the query took longer than {} s: narrow the selectors or the range", max.as_secs())
            }
            Fault::Io(error) => write!(f, "the history cannot be read: {error}"),
        }
    }
}

/// A look at the blocks. A source cannot fail in the middle, so it gives nothing from its first fault on; whoever
/// evaluates asks for [`Look::fault`] in the end.
pub struct Look<'a> {
    archive: &'a Archive,
    budget: Budget,
    until: Instant,
    samples_left: Cell<usize>,
    fault: RefCell<Option<Fault>>,
}

impl<'a> Look<'a> {
    /// The budget begins to run.
    pub fn new(archive: &'a Archive, budget: Budget) -> Self {
        let (until, samples_left) = (Instant::now() + budget.time_max, Cell::new(budget.samples_max));
        Look { archive, budget, until, samples_left, fault: RefCell::default() }
    }

    /// Why the answers are not whole.
    pub fn fault(&self) -> Option<Fault> {
        self.fault.borrow().clone()
    }

    /// Takes samples that come from elsewhere into account.
    pub fn charge(&self, samples: usize) {
        let left = self.samples_left.get().saturating_sub(samples);
        self.samples_left.set(left);
        if left == 0 {
            self.fault.borrow_mut().get_or_insert(Fault::Samples(self.budget.samples_max));
        }
    }

    /// The points of each selected series in `(from_ms, to_ms]`, marks of its ends among them.
    pub fn fetch(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Found {
        let mut found = Found::new();
        let read = self.each_block((from_ms, to_ms), &mut found, |block, all, found| {
            self.fetch_from(block, all, selector, (from_ms, to_ms), found)
        });
        if let Err(fault) = read {
            self.fault.borrow_mut().get_or_insert(fault);
            return Found::new();
        }
        for points in found.values_mut().filter(|points| !points.is_sorted_by(|a, b| a.at_ms < b.at_ms)) {
            points.sort_by_key(|point| point.at_ms);
            points.dedup_by_key(|point| point.at_ms);
        }
        found.retain(|_, points| !points.is_empty());
        found
    }

    /// The labels of all series of the blocks between two times that a test lets through.
    pub fn labels(&self, span: (i64, i64), is_wanted: impl Fn(&Labels) -> bool) -> Found {
        let mut found = Found::new();
        let read = self.each_block(span, &mut found, |block, _, found| {
            let open = Open::new(block)?;
            let index = open.index().map_err(Unreadable::Damaged)?;
            for row in index.rows() {
                let labels = index.labels(&row.map_err(Unreadable::Damaged)?);
                if is_wanted(&labels) {
                    found.entry(Arc::new(labels)).or_default();
                }
            }
            Ok(())
        });
        self.fault.borrow_mut().clone_from(&read.err());
        found
    }

    /// The stretches of time that were recorded.
    pub fn spans(&self) -> Vec<(i64, i64)> {
        let mut spans = Vec::new();
        let read =
            self.each_block((i64::MIN, i64::MAX), &mut spans, |block, _, spans: &mut Vec<(i64, i64)>| {
                let open = Open::new(block)?;
                spans.extend(open.index().map_err(Unreadable::Damaged)?.spans());
                Ok(())
            });
        self.fault.borrow_mut().clone_from(&read.err());
        spans.sort_unstable();
        spans
    }

    /// Reads blocks that touch a stretch of time. What is damaged is passed over; when one of them has gone, all of it
    /// is done anew.
    fn each_block<T: Default>(
        &self,
        (from_ms, to_ms): (i64, i64),
        found: &mut T,
        read: impl Fn(&Block, &[Block], &mut T) -> Result<(), Unreadable>,
    ) -> Result<(), Fault> {
        let io = |error: std::io::Error| Fault::Io(error.to_string());
        'attempts: for _ in 0..ATTEMPTS_MAX {
            *found = T::default();
            let blocks = self.archive.blocks().map_err(io)?;
            for block in &blocks {
                let (begin_ms, end_ms) = block.name.span_ms();
                if end_ms <= from_ms || begin_ms > to_ms {
                    continue;
                }
                self.check()?;
                match read(block, &blocks, found) {
                    Ok(()) => {}
                    Err(Unreadable::Gone) => continue 'attempts,
                    Err(Unreadable::Damaged(damage)) => self.archive.note_damage(block, &damage.0, true),
                    Err(Unreadable::Io(error)) => return Err(io(error)),
                }
            }
            return self.check();
        }
        Err(Fault::Io("its files change too quickly".to_owned()))
    }

    fn check(&self) -> Result<(), Fault> {
        if self.samples_left.get() == 0 {
            return Err(Fault::Samples(self.budget.samples_max));
        }
        if Instant::now() > self.until {
            return Err(Fault::Time(self.budget.time_max));
        }
        self.fault().map_or(Ok(()), Err)
    }

    fn fetch_from(
        &self,
        block: &Block,
        all: &[Block],
        selector: &Selector,
        (from_ms, to_ms): (i64, i64),
        found: &mut Found,
    ) -> Result<(), Unreadable> {
        let open = Open::new(block)?;
        let index = open.index().map_err(Unreadable::Damaged)?;
        let hidden = shelf::hidden(block, all);
        let is_seen = |at_ms: i64| {
            at_ms > from_ms && at_ms <= to_ms && !hidden.iter().any(|(a, b)| (*a..*b).contains(&at_ms))
        };
        let mut lines: HashMap<u32, Vec<i64>> = HashMap::new();
        for row in index.rows() {
            let row = row.map_err(Unreadable::Damaged)?;
            if selector.name.as_deref().is_some_and(|name| index.name(&row) != name) {
                continue;
            }
            let labels = index.labels(&row);
            if !selector.matches(&labels) || self.samples_left.get() == 0 {
                continue;
            }
            match column(&open, &index, row, &mut lines) {
                Ok((strip, times)) => {
                    let points = found.entry(Arc::new(labels)).or_default();
                    let before = points.len();
                    points.extend(strip.points(times).filter(|point| is_seen(point.at_ms)));
                    self.samples_left.set(self.samples_left.get().saturating_sub(points.len() - before));
                }
                Err(Unreadable::Damaged(damage)) => self.archive.note_damage(block, &damage.0, false),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

/// One series of a block, and the times of its line.
fn column<'l>(
    open: &Open,
    index: &Index<'_>,
    row: Row,
    lines: &'l mut HashMap<u32, Vec<i64>>,
) -> Result<(Strip, &'l [i64]), Unreadable> {
    let damaged = |damage: Damage| Unreadable::Damaged(damage);
    let values = values::decode(&open.read(row.place)?, row.count()).map_err(damaged)?;
    if let std::collections::hash_map::Entry::Vacant(vacant) = lines.entry(row.line) {
        let line = &index.lines()[row.line as usize];
        vacant.insert(times::decode(&open.read(line.place)?, line.count as usize).map_err(damaged)?);
    }
    let times = lines.get(&row.line).map_or(&[][..], Vec::as_slice);
    Ok((Strip { runs: row.runs, values }, times))
}

impl Source for Look<'_> {
    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        self.fetch(selector, from_ms, to_ms).into_iter().collect()
    }
}
