//! Functions of one value.

use super::{Function, Run};
use crate::promql::node::Kind;

const WITH_ONE: &[Kind] = &[Kind::Vector, Kind::Scalar];
const WITH_TWO: &[Kind] = &[Kind::Vector, Kind::Scalar, Kind::Scalar];

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::each("abs", f64::abs),
    Function::each("ceil", f64::ceil),
    Function::each("floor", f64::floor),
    Function::each("exp", f64::exp),
    Function::each("ln", f64::ln),
    Function::each("log2", f64::log2),
    Function::each("log10", f64::log10),
    Function::each("sqrt", f64::sqrt),
    Function::each("sgn", |value| if value == 0.0 || value.is_nan() { value } else { value.signum() }),
    Function::each("sin", f64::sin),
    Function::each("cos", f64::cos),
    Function::each("tan", f64::tan),
    Function::each("asin", f64::asin),
    Function::each("acos", f64::acos),
    Function::each("atan", f64::atan),
    Function::each("sinh", f64::sinh),
    Function::each("cosh", f64::cosh),
    Function::each("tanh", f64::tanh),
    Function::each("asinh", f64::asinh),
    Function::each("acosh", f64::acosh),
    Function::each("atanh", f64::atanh),
    Function::each("deg", |value| value * 180.0 / std::f64::consts::PI),
    Function::each("rad", |value| value * std::f64::consts::PI / 180.0),
    Function::vector("clamp", WITH_TWO, Run::With(clamp)),
    Function::vector("clamp_min", WITH_ONE, Run::With(|value, bound| Some(larger(value, bound[0])))),
    Function::vector("clamp_max", WITH_ONE, Run::With(|value, bound| Some(smaller(value, bound[0])))),
    Function::vector("round", WITH_ONE, Run::With(round)).with_optional(1),
    Function::new("pi", &[], Kind::Scalar, Run::Scalar(|_, _| Ok(std::f64::consts::PI))),
];

/// Nothing when the bounds are the wrong way round.
fn clamp(value: f64, bounds: &[f64]) -> Option<f64> {
    let [min, max] = [bounds[0], bounds[1]];
    if max < min { None } else { Some(larger(min, smaller(max, value))) }
}

/// To the nearest multiple; a half goes up.
fn round(value: f64, to: &[f64]) -> Option<f64> {
    let inverse = 1.0 / to.first().copied().unwrap_or(1.0);
    Some((value * inverse + 0.5).floor() / inverse)
}

/// Unlike `f64::max`, NaN if either is, except beside the infinity that nothing is larger than.
pub fn larger(a: f64, b: f64) -> f64 {
    match (a, b) {
        (f64::INFINITY, _) | (_, f64::INFINITY) => f64::INFINITY,
        (a, b) if a.is_nan() || b.is_nan() => f64::NAN,
        (a, b) => a.max(b),
    }
}

/// Unlike `f64::min`, NaN if either is, except beside the infinity that nothing is smaller than.
pub fn smaller(a: f64, b: f64) -> f64 {
    -larger(-a, -b)
}
