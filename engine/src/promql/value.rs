//! What an expression comes to.

use super::source::Point;
use crate::labels::Labels;
use std::sync::Arc;

/// Series at one instant, as the evaluator passes them on.
pub type Vector = Vec<(Arc<Labels>, f64)>;

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

impl RangeSeries {
    /// From what the source gave.
    pub fn new(labels: Arc<Labels>, points: Vec<Point>) -> Self {
        RangeSeries { labels: Arc::unwrap_or_clone(labels), points }
    }
}
