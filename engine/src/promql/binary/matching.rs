//! Arithmetic and comparison between two vectors: which series of one meets which of the other.

use super::{key, operator, signature};
use crate::labels::{Labels, NAME};
use crate::promql::error::EvalError;
use crate::promql::node::{Binary, Many, Matching, Names, Operator};
use crate::promql::value::{Element, Vector};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Combines two vectors. The side without `group_left` or `group_right` is *one*: each match is unique there.
pub fn combine(binary: &Binary, left: Vector, right: Vector) -> Result<Vector, EvalError> {
    if left.is_empty() || right.is_empty() {
        return Ok(Vector::new());
    }
    let flipped = binary.matching.many == Many::Right;
    let (many, one) = if flipped { (right, left) } else { (left, right) };
    let one = by_key(&binary.matching.names, one, if flipped { "left" } else { "right" })?;
    let mut taken = Taken::default();
    let mut bytes = Vec::new();
    let mut results = Vector::new();
    for element in many {
        key(&binary.matching.names, &element.labels, &mut bytes);
        let Some(other) = one.get(&bytes) else { continue };
        let (a, b) = if flipped { (other.value, element.value) } else { (element.value, other.value) };
        let Some(value) = apply(binary, a, b) else { continue };
        let labels = result_labels(binary, &element, &other.labels);
        taken.claim(&binary.matching, &bytes, &labels)?;
        results.push(Element { labels, value, drops_name: element.drops_name || binary.bool });
    }
    Ok(results)
}

fn by_key(names: &Names, vector: Vector, side: &str) -> Result<HashMap<Vec<u8>, Element>, EvalError> {
    let mut found: HashMap<Vec<u8>, Element> = HashMap::with_capacity(vector.len());
    for element in vector {
        let mut bytes = Vec::new();
        key(names, &element.labels, &mut bytes);
        if let Some(other) = found.insert(bytes, element.clone()) {
            let group = signature(names, &element.labels);
            return Err(EvalError::Matching(format!(
                "found duplicate series for the match group {group} on the {side} hand-side of the operation: \
                 [{}, {}]; many-to-many matching not allowed: matching labels must be unique on one side",
                element.labels, other.labels
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

fn result_labels(binary: &Binary, many: &Element, one: &Labels) -> Arc<Labels> {
    let matching = &binary.matching;
    let mut labels = many.labels.as_ref().clone();
    if matches!(binary.operator, Operator::Arithmetic(_)) {
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

/// What has a result already: one-to-one, each match gives one; with a group, each label set does.
#[derive(Default)]
struct Taken {
    keys: HashSet<Vec<u8>>,
    labels: HashSet<Arc<Labels>>,
}

impl Taken {
    fn claim(&mut self, matching: &Matching, key: &[u8], result: &Arc<Labels>) -> Result<(), EvalError> {
        if matching.many == Many::None {
            if self.keys.insert(key.to_vec()) {
                return Ok(());
            }
            let reason = "multiple matches for labels: many-to-one matching must be explicit \
                          (group_left/group_right)";
            return Err(EvalError::Matching(format!("{reason}: {result}")));
        }
        if self.labels.insert(result.clone()) {
            return Ok(());
        }
        let reason = "multiple matches for labels: grouping labels must ensure unique matches";
        Err(EvalError::Matching(format!("{reason}: {result}")))
    }
}
