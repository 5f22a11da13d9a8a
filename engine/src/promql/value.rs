//! What an expression comes to.

use super::source::Point;
use crate::labels::Labels;
use std::sync::Arc;

/// A series at one instant, as the evaluator passes it on.
#[derive(Clone, Debug)]
pub struct Element {
    /// Its labels, the metric name among them until the end of the evaluation.
    pub labels: Arc<Labels>,
    /// Its value.
    pub value: f64,
    /// The metric name, type and unit no longer fit the value: they go when the evaluation ends, unless a function writes
    /// the name anew.
    pub drops_name: bool,
}

/// Series at one instant.
pub type Vector = Vec<Element>;

impl Element {
    /// One whose name stays.
    pub fn new(labels: Arc<Labels>, value: f64) -> Self {
        Element { labels, value, drops_name: false }
    }

    /// Another value for the same series, which the name no longer fits.
    pub fn computed(mut self, value: f64) -> Self {
        (self.value, self.drops_name) = (value, true);
        self
    }
}

/// The value of an expression at one time.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One number.
    Scalar(f64),
    /// One value for each label set, in a stable order.
    Vector(Vec<(Labels, f64)>),
    /// The points of a range selector.
    Matrix(Vec<RangeSeries>),
    /// Text.
    String(String),
}

/// A label set and its values over time.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeSeries {
    /// The labels; none for a scalar.
    pub labels: Labels,
    /// In order of time.
    pub points: Vec<Point>,
}
