//! Time, and from scalars to vectors and back.

use super::{Function, Run, VECTOR};
use crate::labels::Labels;
use crate::promql::LOOKBACK_MS;
use crate::promql::error::EvalError;
use crate::promql::eval::{Context, unnamed};
use crate::promql::node::{Kind, Node, Select};
use crate::promql::value::Vector;
use std::collections::HashMap;
use std::sync::Arc;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::new("time", &[], Kind::Scalar, Run::Scalar(|context, _| Ok(context.at_ms as f64 / 1000.0))),
    Function::new("scalar", VECTOR, Kind::Scalar, Run::Scalar(scalar)),
    Function::vector("vector", &[Kind::Scalar], Run::Vector(vector)),
    Function::vector("timestamp", VECTOR, Run::Vector(timestamp)),
];

fn scalar(context: &Context<'_>, arguments: &[Node]) -> Result<f64, EvalError> {
    Ok(match context.vector(&arguments[0])?.as_slice() {
        [(_, value)] => *value,
        _ => f64::NAN,
    })
}

fn vector(context: &Context<'_>, arguments: &[Node]) -> Result<Vector, EvalError> {
    Ok(vec![(Arc::new(Labels::default()), context.scalar(&arguments[0])?)])
}

/// When the sample of a plain selector was taken; of anything else, when it is evaluated.
fn timestamp(context: &Context<'_>, arguments: &[Node]) -> Result<Vector, EvalError> {
    let vector = context.vector(&arguments[0])?;
    let times = match &arguments[0] {
        Node::Instant(select) => Some(sample_times(context, select)?),
        _ => None,
    };
    let time = |labels: &Labels| match &times {
        Some(times) => times.get(labels).copied(),
        None => Some(context.at_ms),
    };
    let one = |(labels, _): (Arc<Labels>, f64)| {
        let at_ms = time(&labels)?;
        Some((unnamed(labels), at_ms as f64 / 1000.0))
    };
    Ok(vector.into_iter().filter_map(one).collect())
}

fn sample_times(context: &Context<'_>, select: &Select) -> Result<HashMap<Arc<Labels>, i64>, EvalError> {
    let window = context.window(&Node::Range(select.clone(), LOOKBACK_MS))?;
    Ok(window
        .series
        .into_iter()
        .filter_map(|(labels, points)| Some((labels, points.last()?.at_ms)))
        .collect())
}
