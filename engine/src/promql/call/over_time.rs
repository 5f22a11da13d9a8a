//! What the samples of a range come to: `…_over_time`, and how often they changed.

use super::{Function, Run, Span};
use crate::promql::node::Kind;
use crate::promql::number;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::over("avg_over_time", |span, _| Some(number::mean(span.values()))),
    Function::over("min_over_time", |span, _| Some(number::min(span.values()))),
    Function::over("max_over_time", |span, _| Some(number::max(span.values()))),
    Function::over("sum_over_time", |span, _| Some(number::sum(span.values()))),
    Function::over("count_over_time", |span, _| Some(span.points.len() as f64)),
    Function::over("present_over_time", |_, _| Some(1.0)),
    Function::over("stddev_over_time", |span, _| Some(number::variance(span.values()).sqrt())),
    Function::over("stdvar_over_time", |span, _| Some(number::variance(span.values()))),
    Function::vector("last_over_time", &[Kind::Range], Run::Named(|span, _| span.values().next_back())),
    Function::vector("quantile_over_time", &[Kind::Scalar, Kind::Range], Run::Over(quantile)),
    Function::over("changes", |span, _| Some(span.pairs().filter(|pair| differs(*pair)).count() as f64)),
    Function::over("resets", |span, _| Some(span.pairs().filter(|(a, b)| b < a).count() as f64)),
];

fn quantile(span: &Span<'_>, share: &[f64]) -> Option<f64> {
    Some(number::quantile(share[0], span.values().collect()))
}

/// From NaN to NaN is no change.
fn differs((a, b): (f64, f64)) -> bool {
    a != b && !(a.is_nan() && b.is_nan())
}
