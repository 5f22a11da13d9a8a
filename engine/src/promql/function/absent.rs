//! Something for nothing: one result where there is no series.

use super::{Function, RANGE, Run, VECTOR};
use crate::labels::Labels;
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::{Call, Node};
use crate::promql::source::{Selector, Test};
use crate::promql::value::{Element, Vector};
use std::sync::Arc;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::vector("absent", VECTOR, Run::Vector(absent)),
    Function::vector("absent_over_time", RANGE, Run::Vector(absent_over_time)),
];

fn absent(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    let of = &call.arguments[0];
    Ok(one_if(context.vector(of)?.is_empty(), of))
}

fn absent_over_time(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    let of = &call.arguments[0];
    Ok(one_if(context.window(of)?.is_empty(), of))
}

fn one_if(missing: bool, of: &Node) -> Vector {
    if !missing {
        return Vector::new();
    }
    let labels = match of {
        Node::Instant(select) | Node::Range(select, _) => labels(&select.selector),
        _ => Labels::default(),
    };
    vec![Element::new(Arc::new(labels), 1.0)]
}

/// Labels that the selector gives one plain value; one with several conditions says nothing.
fn labels(selector: &Selector) -> Labels {
    let mut labels = Labels::default();
    for matcher in &selector.matchers {
        let alone = selector.matchers.iter().filter(|other| other.label == matcher.label).count() == 1;
        if let Test::Equal(value) = &matcher.test
            && alone
        {
            labels.set(matcher.label.as_str(), value.as_str());
        }
    }
    labels
}
