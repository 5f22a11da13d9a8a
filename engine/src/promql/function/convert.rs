//! Time, and from scalars to vectors and back.

use super::{Function, Run, VECTOR};
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::{Call, Kind, Node};
use crate::promql::value::{Element, Vector};
use std::sync::Arc;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::new("time", &[], Kind::Scalar, Run::Scalar(|context, _| Ok(context.at_ms as f64 / 1000.0))),
    Function::new("scalar", VECTOR, Kind::Scalar, Run::Scalar(scalar)),
    Function::vector("vector", &[Kind::Scalar], Run::Vector(vector)),
    Function::vector("timestamp", VECTOR, Run::Vector(timestamp)),
];

fn scalar(context: &Context<'_>, call: &Call) -> Result<f64, EvalError> {
    Ok(match context.vector(&call.arguments[0])?.as_slice() {
        [element] => element.value,
        _ => f64::NAN,
    })
}

fn vector(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    Ok(vec![Element::new(Arc::default(), context.scalar(&call.arguments[0])?)])
}

/// When the sample of a plain selector was taken; of anything else, when it is evaluated.
fn timestamp(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    let seconds = |at_ms: i64| at_ms as f64 / 1000.0;
    if let Node::Instant(select) = &call.arguments[0] {
        let latest = context.latest(select)?.into_iter();
        return Ok(latest
            .map(|(labels, point)| Element::new(labels, 0.0).computed(seconds(point.at_ms)))
            .collect());
    }
    let vector = context.vector(&call.arguments[0])?.into_iter();
    Ok(vector.map(|element| element.computed(seconds(context.at_ms))).collect())
}
