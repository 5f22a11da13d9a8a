//! The times of the query itself, and the smaller or larger of two scalars.

use super::math::{larger, smaller};
use super::{Function, Run};
use crate::promql::node::Kind;

/// The family; in Prometheus all of it is experimental.
pub const FUNCTIONS: &[Function] = &[
    Function::new(
        "start",
        &[],
        Kind::Scalar,
        Run::Scalar(|context, _| Ok(seconds(context.query.times.first_ms))),
    ),
    Function::new(
        "end",
        &[],
        Kind::Scalar,
        Run::Scalar(|context, _| Ok(seconds(context.query.times.last_ms))),
    ),
    Function::new("step", &[], Kind::Scalar, Run::Scalar(|context, _| Ok(seconds(context.query.step_ms)))),
    Function::new(
        "range",
        &[],
        Kind::Scalar,
        Run::Scalar(|context, _| Ok(seconds(context.query.times.last_ms - context.query.times.first_ms))),
    ),
    Function::new(
        "max_of",
        &[Kind::Scalar, Kind::Scalar],
        Kind::Scalar,
        Run::Scalar(|context, call| {
            Ok(larger(context.scalar(&call.arguments[0])?, context.scalar(&call.arguments[1])?))
        }),
    ),
    Function::new(
        "min_of",
        &[Kind::Scalar, Kind::Scalar],
        Kind::Scalar,
        Run::Scalar(|context, call| {
            Ok(smaller(context.scalar(&call.arguments[0])?, context.scalar(&call.arguments[1])?))
        }),
    ),
];

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
