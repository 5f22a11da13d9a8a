//! Arithmetic and comparison between two vectors: which series of one meets which of the other.

use super::{Index, operator, signature};
use crate::labels::{Labels, is_metadata};
use crate::promql::error::EvalError;
use crate::promql::node::{Binary, Many, Matching, Names, Operator};
use crate::promql::value::{Element, Vector};
use std::collections::HashSet;
use std::sync::Arc;

/// Combines two vectors. The side without `group_left` or `group_right` is *one*: each match is unique there.
pub fn combine(binary: &Binary, left: Vector, right: Vector) -> Result<Vector, EvalError> {
    if left.is_empty() || right.is_empty() {
        return Ok(Vector::new());
    }
    let flipped = binary.matching.many == Many::Right;
    let (many, one) = if flipped { (right, left) } else { (left, right) };
    let known = index(&binary.matching.names, &one, if flipped { "left" } else { "right" })?;
    let mut taken = Taken { places: vec![false; one.len()], labels: HashSet::new() };
    let mut results = Vector::new();
    for element in many {
        let Some(place) = known.find(&element.labels, |place| &one[place].labels) else { continue };
        let other = &one[place];
        let (a, b) = if flipped { (other.value, element.value) } else { (element.value, other.value) };
        let Some(value) = apply(binary, a, b) else { continue };
        let labels = result_labels(binary, &element, &other.labels);
        taken.claim(&binary.matching, place, &labels)?;
        results.push(Element { labels, value, drops_name: element.drops_name || binary.bool });
    }
    Ok(results)
}

fn index<'n>(names: &'n Names, vector: &Vector, side: &str) -> Result<Index<'n>, EvalError> {
    let mut known = Index::new(names);
    for (place, element) in vector.iter().enumerate() {
        if let Some(other) = known.claim(&element.labels, place, |place| &vector[place].labels) {
            let group = signature(names, &element.labels);
            return Err(EvalError::Matching(format!(
                "found duplicate series for the match group {group} on the {side} hand-side of the operation: \
                 [{}, {}]; many-to-many matching not allowed: matching labels must be unique on one side",
                element.labels, vector[other].labels
            )));
        }
    }
    Ok(known)
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

fn result_labels(binary: &Binary, many: &Element, one: &Labels) -> Arc<Labels> {
    let matching = &binary.matching;
    let is_computed = matches!(binary.operator, Operator::Arithmetic(_));
    let keeps = |name: &str| {
        let is_matched = match &matching.names {
            Names::Only(only) => only.iter().any(|own| own == name),
            Names::AllBut(out) => !out.iter().any(|own| own == name),
        };
        (matching.many != Many::None || is_matched) && !(is_computed && is_metadata(name))
    };
    if matching.include.is_empty() && many.labels.iter().all(|(name, _)| keeps(name)) {
        return many.labels.clone();
    }
    let mut labels = many.labels.filtered(keeps);
    matching.include.iter().for_each(|name| labels.set(name.as_str(), one.get(name)));
    Arc::new(labels)
}

/// What has a result already: one-to-one, each match gives one; with a group, each label set does.
struct Taken {
    places: Vec<bool>,
    labels: HashSet<Arc<Labels>>,
}

impl Taken {
    fn claim(&mut self, matching: &Matching, place: usize, result: &Arc<Labels>) -> Result<(), EvalError> {
        let (is_taken, reason) = if matching.many == Many::None {
            let reason = "multiple matches for labels: many-to-one matching must be explicit \
                          (group_left/group_right)";
            (std::mem::replace(&mut self.places[place], true), reason)
        } else {
            let reason = "multiple matches for labels: grouping labels must ensure unique matches";
            (!self.labels.insert(result.clone()), reason)
        };
        if is_taken { Err(EvalError::Matching(format!("{reason}: {result}"))) } else { Ok(()) }
    }
}
