//! Aggregations: many series to fewer.

use super::binary::signature;
use super::error::EvalError;
use super::eval::Context;
use super::node::{Aggregate, Fold, Names};
use super::number;
use super::value::Vector;
use crate::labels::Labels;
use std::collections::HashMap;
use std::sync::Arc;

/// Series that fall together.
type Group = (Labels, Vector);

/// Evaluates an aggregation; groups come in the order of their first series.
pub fn aggregate(context: &Context<'_>, aggregate: &Aggregate) -> Result<Vector, EvalError> {
    let groups = groups(&aggregate.names, context.vector(&aggregate.of)?);
    match (aggregate.fold, &aggregate.parameter) {
        (Fold::Topk | Fold::Bottomk, Some(count)) => {
            let count = count_of(context.scalar(count)?)?;
            Ok(groups.into_iter().flat_map(|(_, group)| first(aggregate.fold, group, count)).collect())
        }
        (Fold::CountValues, Some(label)) => {
            let label = context.text(label)?;
            Ok(count_values(label, groups))
        }
        (fold, parameter) => {
            let parameter =
                parameter.as_ref().map(|node| context.scalar(node)).transpose()?.unwrap_or(f64::NAN);
            Ok(groups
                .into_iter()
                .map(|(labels, group)| (Arc::new(labels), fold_group(fold, parameter, &group)))
                .collect())
        }
    }
}

fn groups(names: &Names, vector: Vector) -> Vec<Group> {
    let mut places: HashMap<Labels, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (labels, value) in vector {
        let key = signature(names, &labels);
        let place = *places.entry(key.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push((key, Vector::new()));
        }
        groups[place].1.push((labels, value));
    }
    groups
}

fn fold_group(fold: Fold, parameter: f64, group: &Vector) -> f64 {
    let values = group.iter().map(|(_, value)| *value);
    match fold {
        Fold::Sum => number::sum(values),
        Fold::Avg => number::mean(values),
        Fold::Min => number::min(values),
        Fold::Max => number::max(values),
        Fold::Stddev => number::variance(values).sqrt(),
        Fold::Stdvar => number::variance(values),
        Fold::Quantile => number::quantile(parameter, values.collect()),
        Fold::Group => 1.0,
        Fold::Count | Fold::Topk | Fold::Bottomk | Fold::CountValues => group.len() as f64,
    }
}

fn count_of(parameter: f64) -> Result<usize, EvalError> {
    if parameter.is_nan() {
        return Err(EvalError::Parameter("topk and bottomk need a count, not NaN".to_owned()));
    }
    Ok(parameter.max(0.0) as usize)
}

/// The largest or smallest come first, NaN last; of equals, the first.
fn first(fold: Fold, mut group: Vector, count: usize) -> Vector {
    let rank = |a: &f64, b: &f64| match fold {
        Fold::Topk => number::ascending(b, a),
        _ => a.is_nan().cmp(&b.is_nan()).then(number::ascending(a, b)),
    };
    group.sort_by(|(_, a), (_, b)| rank(a, b));
    group.truncate(count);
    group
}

/// Series that come to the same labels once the value is written among them are counted together.
fn count_values(label: &str, groups: Vec<Group>) -> Vector {
    let mut places: HashMap<Labels, usize> = HashMap::new();
    let mut counts = Vector::new();
    for (key, value) in
        groups.into_iter().flat_map(|(key, group)| group.into_iter().map(move |(_, v)| (key.clone(), v)))
    {
        let mut labels = key;
        labels.set(label, hostward_model::number::to_string(value));
        let place = *places.entry(labels.clone()).or_insert(counts.len());
        if place == counts.len() {
            counts.push((Arc::new(labels), 0.0));
        }
        counts[place].1 += 1.0;
    }
    counts
}
