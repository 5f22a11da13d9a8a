//! Walks the nodes of an expression at one instant.

use super::error::EvalError;
use super::node::{Kind, Node, Select};
use super::source::{Point, Source};
use super::value::Vector;
use super::{LOOKBACK_MS, aggregate, binary, call};
use crate::labels::{Labels, NAME};
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

/// One evaluation, all steps of a range query together, may touch so many samples.
pub const SAMPLES_MAX: usize = 5_000_000;

/// Where and when an expression is evaluated.
pub struct Context<'a> {
    /// Where the samples come from.
    pub source: &'a dyn Source,
    /// The instant.
    pub at_ms: i64,
    samples_left: &'a Cell<usize>,
}

/// Series over a range: the samples in `(from_ms, to_ms]`.
pub struct Window {
    /// Begin of the range; a sample at it is outside.
    pub from_ms: i64,
    /// End of the range.
    pub to_ms: i64,
    /// The series that have samples in it.
    pub series: Vec<(Arc<Labels>, Vec<Point>)>,
}

impl<'a> Context<'a> {
    /// A fresh evaluation.
    pub fn new(source: &'a dyn Source, at_ms: i64, samples_left: &'a Cell<usize>) -> Self {
        Context { source, at_ms, samples_left }
    }

    /// The value of a node that gives a scalar.
    pub fn scalar(&self, node: &Node) -> Result<f64, EvalError> {
        match node {
            Node::Number(number) => Ok(*number),
            Node::Negate(of) => Ok(-self.scalar(of)?),
            Node::Binary(binary) => binary::scalars(self, binary),
            Node::Call(function, arguments) => call::scalar(self, function, arguments),
            _ => unexpected(Kind::Scalar, node),
        }
    }

    /// The value of a node that gives an instant vector.
    pub fn vector(&self, node: &Node) -> Result<Vector, EvalError> {
        match node {
            Node::Instant(select) => self.instant(select),
            Node::Negate(of) => distinct(
                self.vector(of)?.into_iter().map(|(labels, value)| (unnamed(labels), -value)).collect(),
            ),
            Node::Binary(binary) => distinct(binary::vectors(self, binary)?),
            Node::Aggregate(aggregate) => aggregate::aggregate(self, aggregate),
            Node::Call(function, arguments) => distinct(call::vector(self, function, arguments)?),
            _ => unexpected(Kind::Vector, node),
        }
    }

    /// The value of a node that gives a range vector.
    pub fn window(&self, node: &Node) -> Result<Window, EvalError> {
        let Node::Range(select, range_ms) = node else { return unexpected(Kind::Range, node) };
        let to_ms = self.at_ms.saturating_sub(select.offset_ms);
        let from_ms = to_ms.saturating_sub(*range_ms);
        let series = self.source.range(&select.selector, from_ms, to_ms);
        self.touch(series.iter().map(|(_, points)| points.len()).sum())?;
        Ok(Window { from_ms, to_ms, series })
    }

    /// The value of a node that gives text.
    pub fn text<'n>(&self, node: &'n Node) -> Result<&'n str, EvalError> {
        let Node::Text(text) = node else { return unexpected(Kind::Text, node) };
        Ok(text)
    }

    fn instant(&self, select: &Select) -> Result<Vector, EvalError> {
        let at_ms = self.at_ms.saturating_sub(select.offset_ms);
        let vector = self.source.instant(&select.selector, at_ms, LOOKBACK_MS);
        self.touch(vector.len())?;
        Ok(vector)
    }

    fn touch(&self, samples: usize) -> Result<(), EvalError> {
        let left = self.samples_left.get().checked_sub(samples);
        self.samples_left.set(left.ok_or(EvalError::TooManySamples { samples_max: SAMPLES_MAX })?);
        Ok(())
    }
}

/// The compiler has checked what each node gives; this says so if it has not.
pub fn unexpected<T>(wanted: Kind, node: &Node) -> Result<T, EvalError> {
    let reason = format!("expected {}, found {}", wanted.as_str(), node.kind().as_str());
    Err(EvalError::Parameter(reason))
}

/// The labels without the metric name.
pub fn unnamed(mut labels: Arc<Labels>) -> Arc<Labels> {
    if !labels.name().is_empty() {
        Arc::make_mut(&mut labels).set(NAME, "");
    }
    labels
}

/// An instant vector has each label set once.
pub fn distinct(vector: Vector) -> Result<Vector, EvalError> {
    if vector.len() > 1 {
        let mut seen = HashSet::with_capacity(vector.len());
        if let Some((labels, _)) = vector.iter().find(|(labels, _)| !seen.insert(labels.as_ref())) {
            return Err(EvalError::SameLabels(labels.to_string()));
        }
    }
    Ok(vector)
}
