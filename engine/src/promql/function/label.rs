//! Functions that write labels.

use super::{Function, Run};
use crate::labels::NAME;
use crate::promql::error::{EvalError, ExprError, regex_reason};
use crate::promql::eval::{Context, unexpected};
use crate::promql::expr::distinct;
use crate::promql::node::{Call, Kind, Node};
use crate::promql::source::Pattern;
use crate::promql::value::{Element, Vector};
use regex::Regex;
use std::sync::Arc;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::vector(
        "label_replace",
        &[Kind::Vector, Kind::Text, Kind::Text, Kind::Text, Kind::Text],
        Run::Vector(replace),
    ),
    Function {
        optional: 1,
        repeats: true,
        ..Function::vector(
            "label_join",
            &[Kind::Vector, Kind::Text, Kind::Text, Kind::Text],
            Run::Vector(join),
        )
    },
];

/// The target is a label name, and the pattern compiles: here and not at each evaluation.
pub fn settle_replace(arguments: &mut [Node]) -> Result<(), ExprError> {
    let [_, Node::Text(target), _, _, last] = arguments else { return Ok(()) };
    check_target(target)?;
    if let Node::Text(text) = last {
        let pattern = Regex::new(&format!("^(?s:{text})$"));
        let pattern = pattern.map_err(|error| ExprError::new(regex_reason(text, &error)))?;
        *last = Node::Pattern(Pattern(pattern));
    }
    Ok(())
}

/// The target is a label name.
pub fn check_join(arguments: &[Node]) -> Result<(), ExprError> {
    match arguments.get(1) {
        Some(Node::Text(target)) => check_target(target),
        _ => Ok(()),
    }
}

fn check_target(target: &str) -> Result<(), ExprError> {
    if target.is_empty() { Err(ExprError::new("a label name is not empty")) } else { Ok(()) }
}

/// A series that the pattern does not match stays as it is.
fn replace(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    let arguments = &call.arguments;
    let mut vector = context.vector(&arguments[0])?;
    let target = context.text(&arguments[1])?;
    let replacement = context.text(&arguments[2])?;
    let source = context.text(&arguments[3])?;
    let Node::Pattern(Pattern(pattern)) = &arguments[4] else { return unexpected(Kind::Text, &arguments[4]) };
    for element in &mut vector {
        if let Some(found) = pattern.captures(element.labels.get(source)) {
            let mut value = String::new();
            found.expand(replacement, &mut value);
            write(element, target, value);
        }
    }
    distinct(&vector).map(|()| vector)
}

fn join(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    let arguments = &call.arguments;
    let mut vector = context.vector(&arguments[0])?;
    let target = context.text(&arguments[1])?;
    let separator = context.text(&arguments[2])?;
    let sources = arguments[3..].iter().map(|node| context.text(node)).collect::<Result<Vec<_>, _>>()?;
    for element in &mut vector {
        let parts: Vec<_> = sources.iter().map(|source| element.labels.get(source)).collect();
        let joined = parts.join(separator);
        write(element, target, joined);
    }
    distinct(&vector).map(|()| vector)
}

/// A metric name that is written is there to stay.
fn write(element: &mut Element, label: &str, value: String) {
    Arc::make_mut(&mut element.labels).set(label, value);
    element.drops_name &= label != NAME;
}
