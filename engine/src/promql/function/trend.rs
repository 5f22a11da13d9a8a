//! Straight lines through the samples of a range, by least squares.

use super::{Function, Run, Span};
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::{Call, Kind};
use crate::promql::number::Sum;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::over("deriv", |span, _| line(span, span.points[0].at_ms).map(|(slope, _)| slope)),
    Function::vector("predict_linear", &[Kind::Range, Kind::Scalar], Run::Over(predict)),
    Function::vector(
        "double_exponential_smoothing",
        &[Kind::Range, Kind::Scalar, Kind::Scalar],
        Run::Checked(check_factors, smooth),
    ),
];

fn predict(span: &Span<'_>, seconds: &[f64]) -> Option<f64> {
    line(span, span.at_ms).map(|(slope, level)| slope * seconds[0] + level)
}

fn check_factors(_: &Context<'_>, call: &Call, factors: &[f64]) -> Result<(), EvalError> {
    match factors.iter().find(|factor| !(**factor > 0.0 && **factor < 1.0)) {
        Some(factor) => {
            let name = call.function.name;
            Err(EvalError::Parameter(format!("the factors of {name} lie between 0 and 1, not at {factor}")))
        }
        None => Ok(()),
    }
}

/// Holt's linear method: a level and a trend, each smoothed by its factor.
fn smooth(span: &Span<'_>, factors: &[f64]) -> Option<f64> {
    let (level_factor, trend_factor) = (factors[0], factors[1]);
    let [first, second, ..] = span.points else { return None };
    let (mut level, mut trend) = (first.value, second.value - first.value);
    for (index, value) in span.values().enumerate().skip(1) {
        let next = level_factor * value + (1.0 - level_factor) * (level + trend);
        if index + 1 < span.points.len() {
            trend = trend_factor * (next - level) + (1.0 - trend_factor) * trend;
        }
        level = next;
    }
    Some(level)
}

/// Slope per second, and level at `zero_ms`; nothing for fewer than two samples.
fn line(span: &Span<'_>, zero_ms: i64) -> Option<(f64, f64)> {
    if span.points.len() < 2 {
        return None;
    }
    let level = span.points[0].value;
    if span.values().all(|value| value == level) {
        // Without this, rounding would give a flat line a slope.
        return Some(if level.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, level) });
    }
    let mut sums = [Sum::default(); 4];
    for point in span.points {
        let (x, y) = ((point.at_ms - zero_ms) as f64 / 1000.0, point.value);
        sums.iter_mut().zip([x, y, x * y, x * x]).for_each(|(sum, term)| sum.add(term));
    }
    let [x, y, xy, xx] = sums.map(Sum::total);
    let count = span.points.len() as f64;
    let slope = (xy - x * y / count) / (xx - x * x / count);
    Some((slope, y / count - slope * x / count))
}
