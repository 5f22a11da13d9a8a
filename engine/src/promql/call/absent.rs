//! Something for nothing: one result where there is no series.

use super::{Function, RANGE, Run, VECTOR};
use crate::labels::Labels;
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::Node;
use crate::promql::source::{Selector, Test};
use crate::promql::value::Vector;
use std::sync::Arc;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::vector("absent", VECTOR, Run::Vector(absent)),
    Function::vector("absent_over_time", RANGE, Run::Vector(absent_over_time)),
];

fn absent(context: &Context<'_>, arguments: &[Node]) -> Result<Vector, EvalError> {
    Ok(one_if(context.vector(&arguments[0])?.is_empty(), &arguments[0]))
}

fn absent_over_time(context: &Context<'_>, arguments: &[Node]) -> Result<Vector, EvalError> {
    Ok(one_if(context.window(&arguments[0])?.series.is_empty(), &arguments[0]))
}

fn one_if(missing: bool, of: &Node) -> Vector {
    if !missing {
        return Vector::new();
    }
    let labels = match of {
        Node::Instant(select) | Node::Range(select, _) => labels(&select.selector),
        _ => Labels::default(),
    };
    vec![(Arc::new(labels), 1.0)]
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
