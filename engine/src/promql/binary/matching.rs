//! Arithmetic and comparison between two vectors: which series of one meets which of the other.

use super::{operator, signature};
use crate::labels::{Labels, NAME};
use crate::promql::error::EvalError;
use crate::promql::node::{Binary, Many, Names, Operator};
use crate::promql::value::Vector;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Combines two vectors. The side without `group_left` or `group_right` is *one*: each match is unique there.
pub fn combine(binary: &Binary, left: Vector, right: Vector) -> Result<Vector, EvalError> {
    if left.is_empty() || right.is_empty() {
        return Ok(Vector::new());
    }
    let flipped = binary.matching.many == Many::Right;
    let (many, one) = if flipped { (right, left) } else { (left, right) };
    let one = by_signature(binary, one, if flipped { "left" } else { "right" })?;
    let mut taken = HashSet::new();
    let mut results = Vector::new();
    for (labels, value) in many {
        let signature = signature(&binary.matching.names, &labels);
        let Some((other, other_value)) = one.get(&signature) else { continue };
        let (a, b) = if flipped { (*other_value, value) } else { (value, *other_value) };
        let Some(result) = apply(binary, a, b) else { continue };
        let labels = result_labels(binary, labels, other);
        claim(binary, &mut taken, signature, &labels)?;
        results.push((labels, result));
    }
    Ok(results)
}

fn by_signature(
    binary: &Binary,
    vector: Vector,
    side: &str,
) -> Result<HashMap<Labels, (Arc<Labels>, f64)>, EvalError> {
    let mut found = HashMap::with_capacity(vector.len());
    for (labels, value) in vector {
        let signature = signature(&binary.matching.names, &labels);
        if let Some((other, _)) = found.insert(signature.clone(), (labels.clone(), value)) {
            return Err(EvalError::Matching(format!(
                "{other} and {labels} on the {side} side both match {signature}: matching labels must be unique on \
                 one side"
            )));
        }
    }
    Ok(found)
}

fn apply(binary: &Binary, left: f64, right: f64) -> Option<f64> {
    match binary.operator {
        Operator::Arithmetic(arithmetic) => Some(operator::compute(arithmetic, left, right)),
        Operator::Comparison(comparison) => {
            let holds = operator::holds(comparison, left, right);
            if binary.bool { Some(f64::from(u8::from(holds))) } else { holds.then_some(left) }
        }
        Operator::Set(_) => None,
    }
}

fn result_labels(binary: &Binary, many: Arc<Labels>, one: &Labels) -> Arc<Labels> {
    let matching = &binary.matching;
    let mut labels = Arc::unwrap_or_clone(many);
    if binary.bool || matches!(binary.operator, Operator::Arithmetic(_)) {
        labels.set(NAME, "");
    }
    if matching.many == Many::None {
        match &matching.names {
            Names::Only(only) => labels.retain(|name| only.iter().any(|own| own == name)),
            Names::AllBut(out) => labels.retain(|name| !out.iter().any(|own| own == name)),
        }
    }
    matching.include.iter().for_each(|name| labels.set(name.as_str(), one.get(name)));
    Arc::new(labels)
}

/// One-to-one, each signature gives one result; with a group, each label set does.
fn claim(
    binary: &Binary,
    taken: &mut HashSet<Labels>,
    signature: Labels,
    result: &Labels,
) -> Result<(), EvalError> {
    let grouped = binary.matching.many != Many::None;
    let claimed = if grouped { result.clone() } else { signature };
    let shown = claimed.to_string();
    if taken.insert(claimed) {
        return Ok(());
    }
    Err(EvalError::Matching(if grouped {
        format!("several matches give {shown}: the grouping labels must make each result unique")
    } else {
        format!("several series on the left side match {shown}: say `group_left` to match many to one")
    }))
}
