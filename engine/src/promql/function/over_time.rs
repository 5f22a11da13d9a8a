//! What the samples of a range come to: `…_over_time`, and how often they changed.

use super::{Function, RANGE, Run, Span};
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::{Call, Kind};
use crate::promql::number;
use crate::promql::source::Point;

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
    Function::vector("last_over_time", RANGE, Run::Named(|span, _| span.values().next_back())),
    Function::vector("first_over_time", RANGE, Run::Named(|span, _| span.values().next())),
    Function::vector("quantile_over_time", &[Kind::Scalar, Kind::Range], Run::Checked(check_share, quantile)),
    Function::over("mad_over_time", |span, _| Some(deviation(span))),
    Function::over("ts_of_first_over_time", |span, _| span.points.first().map(seconds)),
    Function::over("ts_of_last_over_time", |span, _| span.points.last().map(seconds)),
    Function::over("ts_of_min_over_time", |span, _| last_best(span, |value, best| value <= best)),
    Function::over("ts_of_max_over_time", |span, _| last_best(span, |value, best| value >= best)),
    Function::over("changes", |span, _| Some(span.pairs().filter(|pair| differs(*pair)).count() as f64)),
    Function::over("resets", |span, _| Some(span.pairs().filter(|(a, b)| b < a).count() as f64)),
];

fn check_share(context: &Context<'_>, call: &Call, share: &[f64]) -> Result<(), EvalError> {
    let place = call.places.first().copied().unwrap_or_default();
    context.query.annotations.borrow_mut().check_share(place, share[0]);
    Ok(())
}

fn quantile(span: &Span<'_>, share: &[f64]) -> Option<f64> {
    Some(number::quantile(share[0], span.values().collect()))
}

/// From NaN to NaN is no change.
fn differs((a, b): (f64, f64)) -> bool {
    a != b && !(a.is_nan() && b.is_nan())
}

/// The median distance from the median.
fn deviation(span: &Span<'_>) -> f64 {
    if span.values().any(f64::is_nan) {
        return f64::NAN;
    }
    let median = number::quantile(0.5, span.values().collect());
    number::quantile(0.5, span.values().map(|value| (value - median).abs()).collect())
}

fn seconds(point: &Point) -> f64 {
    point.at_ms as f64 / 1000.0
}

/// When the last of the best was.
fn last_best(span: &Span<'_>, is_best: fn(f64, f64) -> bool) -> Option<f64> {
    let better = |best: Point, point: &Point| {
        if is_best(point.value, best.value) || best.value.is_nan() { *point } else { best }
    };
    let (first, rest) = span.points.split_first()?;
    Some(seconds(&rest.iter().fold(*first, better)))
}
