//! Walks the nodes of an expression at one instant.

use super::annotation::Annotations;
use super::error::EvalError;
use super::fetch::{Fetched, Line};
use super::node::{At, Kind, Node, Select, Shift};
use super::source::{Point, Source};
use super::value::{Element, Vector};
use super::{LOOKBACK_MS, aggregate, binary, function};
use crate::labels::Labels;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

/// One evaluation, all steps of a range query together, may touch so many samples.
pub const SAMPLES_MAX: usize = 5_000_000;

/// One query: what all its steps share.
pub struct Evaluation<'a> {
    /// Where the samples come from.
    pub source: &'a dyn Source,
    /// First and last instant.
    pub times: Times,
    /// Between two instants; 0 when there is one.
    pub step_ms: i64,
    /// What selectors and subqueries gave, by their slots, for all steps at once.
    pub fetched: Vec<OnceCell<Fetched>>,
    samples_left: Cell<usize>,
    samples_max: usize,
    /// What is to be said beside the answer.
    pub annotations: RefCell<Annotations>,
}

/// First and last instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Milliseconds since the epoch.
    pub first_ms: i64,
    /// Not before the first.
    pub last_ms: i64,
}

/// Where and when a node is evaluated.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The query.
    pub query: &'a Evaluation<'a>,
    /// The instant.
    pub at_ms: i64,
    /// The instants that this node is evaluated at, one after the other: of the query, or of the subquery around it.
    pub times: Times,
}

impl<'a> Evaluation<'a> {
    /// A fresh one, for an expression with so many slots, that may touch so many samples.
    pub fn new(source: &'a dyn Source, times: Times, step_ms: i64, slots: usize, samples_max: usize) -> Self {
        let fetched = (0..slots).map(|_| OnceCell::new()).collect();
        let (samples_left, annotations) = (Cell::new(samples_max), RefCell::default());
        Evaluation { source, times, step_ms, fetched, samples_left, samples_max, annotations }
    }

    /// How many samples may still be touched.
    pub fn left(&self) -> usize {
        self.samples_left.get()
    }

    /// Counts samples against the bound.
    pub fn touch(&self, samples: usize) -> Result<(), EvalError> {
        let left = self.left().checked_sub(samples);
        self.samples_left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(EvalError::TooManySamples { samples_max: self.samples_max })
    }
}

impl<'a> Context<'a> {
    /// An instant of the query.
    pub fn new(query: &'a Evaluation<'a>, at_ms: i64) -> Self {
        Context { query, at_ms, times: query.times }
    }

    /// The value of a node that gives a scalar.
    pub fn scalar(&self, node: &Node) -> Result<f64, EvalError> {
        match node {
            Node::Number(number) => Ok(*number),
            Node::Negate(of) => Ok(-self.scalar(of)?),
            Node::Binary(binary) => binary::scalars(self, binary),
            Node::Call(call) => function::scalar(self, call),
            _ => unexpected(Kind::Scalar, node),
        }
    }

    /// The value of a node that gives an instant vector; each series of it counts as a sample.
    pub fn vector(&self, node: &Node) -> Result<Vector, EvalError> {
        let vector = self.elements(node)?;
        self.query.touch(vector.len())?;
        Ok(vector)
    }

    fn elements(&self, node: &Node) -> Result<Vector, EvalError> {
        match node {
            Node::Instant(select) => {
                let latest = self.latest(select)?.into_iter();
                Ok(latest.map(|(labels, point)| Element::new(labels, point.value)).collect())
            }
            Node::Negate(of) => {
                let vector = self.vector(of)?.into_iter();
                Ok(vector
                    .map(|element| {
                        let value = -element.value;
                        element.computed(value)
                    })
                    .collect())
            }
            Node::Binary(binary) => binary::vectors(self, binary),
            Node::Aggregate(aggregate) => aggregate::aggregate(self, aggregate),
            Node::Call(call) => function::vector(self, call),
            _ => unexpected(Kind::Vector, node),
        }
    }

    /// The value of a node that gives text.
    pub fn text<'n>(&self, node: &'n Node) -> Result<&'n str, EvalError> {
        let Node::Text(text) = node else { return unexpected(Kind::Text, node) };
        Ok(text)
    }

    /// The value of a node that gives a range vector: the series that have samples in it.
    pub fn window(&self, node: &Node) -> Result<Vec<Line<'a>>, EvalError> {
        let (from_ms, to_ms) = self.span(node)?;
        let series: Vec<Line<'a>> = if self.is_single() {
            self.lines(node, from_ms, to_ms)?.into_iter().map(Line::owned).collect()
        } else {
            let (shift, range_ms, slot) = range_of(node)?;
            let Times { first_ms, last_ms } = self.reach(shift);
            let fetch = || self.lines(node, first_ms.saturating_sub(range_ms), last_ms);
            self.remembered(slot, fetch)?.window(from_ms, to_ms)
        };
        self.query.touch(series.iter().map(|line| line.points.len()).sum())?;
        Ok(series)
    }

    /// The time that a range node sees from here: a sample at its begin is outside.
    pub fn span(&self, node: &Node) -> Result<(i64, i64), EvalError> {
        let (shift, range_ms, _) = range_of(node)?;
        let to_ms = self.shifted(self.at_ms, shift);
        Ok((to_ms.saturating_sub(range_ms), to_ms))
    }

    /// The series of a range node, one after the other: where each is looked at once, all are read into the same
    /// memory.
    pub fn each_line(&self, node: &Node, mut visit: impl FnMut(Line<'_>)) -> Result<(), EvalError> {
        let Node::Range(select, _) = node else { return self.each_kept(node, visit) };
        if !self.is_single() {
            return self.each_kept(node, visit);
        }
        let (from_ms, to_ms) = self.span(node)?;
        let (mut samples, mut alive) = (0, Vec::new());
        self.query.source.each(&select.selector, from_ms, to_ms, &mut |labels, points| {
            let ends = points.iter().any(Point::is_end);
            if ends {
                alive.clear();
                alive.extend(points.iter().filter(|point| !point.is_end()));
            }
            let points = if ends { &alive } else { points };
            samples += points.len();
            if !points.is_empty() && samples <= self.query.left() {
                visit(Line { labels: labels.clone(), drops_name: false, points: Cow::Borrowed(points) });
            }
        });
        self.query.touch(samples)
    }

    fn each_kept(&self, node: &Node, visit: impl FnMut(Line<'_>)) -> Result<(), EvalError> {
        self.window(node)?.into_iter().for_each(visit);
        Ok(())
    }

    /// The latest sample of each series that a selector asks for.
    pub fn latest(&self, select: &Select) -> Result<Vec<(Arc<Labels>, Point)>, EvalError> {
        let at_ms = self.shifted(self.at_ms, select.shift);
        let latest = if self.is_single() {
            self.query.source.instant(&select.selector, at_ms, LOOKBACK_MS)
        } else {
            let Times { first_ms, last_ms } = self.reach(select.shift);
            let from_ms = first_ms.saturating_sub(LOOKBACK_MS);
            let fetch = || Ok(Fetched::plain(self.query.source.range(&select.selector, from_ms, last_ms)));
            self.remembered(select.slot, fetch)?.latest(at_ms, LOOKBACK_MS)
        };
        Ok(latest)
    }

    /// Everything that a range node has between two times.
    fn lines(&self, node: &Node, from_ms: i64, to_ms: i64) -> Result<Fetched, EvalError> {
        match node {
            Node::Range(select, _) => {
                Ok(Fetched::alive(self.query.source.range(&select.selector, from_ms, to_ms)))
            }
            Node::Subquery(subquery) => Fetched::steps(self, subquery, from_ms, to_ms),
            _ => unexpected(Kind::Range, node),
        }
    }

    fn remembered(
        &self,
        slot: usize,
        fetch: impl FnOnce() -> Result<Fetched, EvalError>,
    ) -> Result<&'a Fetched, EvalError> {
        let cell = &self.query.fetched[slot];
        if let Some(known) = cell.get() {
            return Ok(known);
        }
        let fetched = fetch()?;
        self.query.touch(fetched.points())?;
        Ok(cell.get_or_init(|| fetched))
    }

    fn is_single(&self) -> bool {
        self.times.first_ms == self.times.last_ms
    }

    /// The time that a selector looks at when it is evaluated at another.
    fn shifted(&self, at_ms: i64, shift: Shift) -> i64 {
        let from = match shift.at {
            None => at_ms,
            Some(At::Start) => self.query.times.first_ms,
            Some(At::End) => self.query.times.last_ms,
            Some(At::Ms(fixed_ms)) => fixed_ms,
        };
        from.saturating_sub(shift.offset_ms)
    }

    /// The first and last time that a selector looks at.
    fn reach(&self, shift: Shift) -> Times {
        let Times { first_ms, last_ms } = self.times;
        Times { first_ms: self.shifted(first_ms, shift), last_ms: self.shifted(last_ms, shift) }
    }
}

impl Line<'_> {
    fn owned(series: super::fetch::Series) -> Self {
        Line { labels: series.labels, drops_name: series.drops_name, points: Cow::Owned(series.points) }
    }
}

/// When a range node looks, how far back, and its slot.
fn range_of(node: &Node) -> Result<(Shift, i64, usize), EvalError> {
    match node {
        Node::Range(select, range_ms) => Ok((select.shift, *range_ms, select.slot)),
        Node::Subquery(subquery) => Ok((subquery.shift, subquery.range_ms, subquery.slot)),
        _ => unexpected(Kind::Range, node),
    }
}

/// The compiler has checked what each node gives; this says so if it has not.
pub fn unexpected<T>(wanted: Kind, node: &Node) -> Result<T, EvalError> {
    let reason = format!("expected {}, found {}", wanted.as_str(), node.kind().as_str());
    Err(EvalError::Parameter(reason))
}
