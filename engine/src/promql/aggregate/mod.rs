//! Aggregations: many series to fewer.

mod count_values;
mod few;
mod fold;

use super::binary::{Index, signature};
use super::error::EvalError;
use super::eval::Context;
use super::node::{Aggregate, Fold, Names};
use super::value::{Element, Vector};
use crate::labels::Labels;
use std::sync::Arc;

/// Series that fall together.
struct Group {
    labels: Labels,
    drops_name: bool,
    members: Vector,
}

/// Evaluates an aggregation; groups come in the order of their first series.
pub fn aggregate(context: &Context<'_>, aggregate: &Aggregate) -> Result<Vector, EvalError> {
    match (aggregate.fold, &aggregate.parameter) {
        (Fold::Topk | Fold::Bottomk | Fold::Limitk | Fold::LimitRatio, Some(parameter)) => {
            let choice = few::Choice::new(context, aggregate, context.scalar(parameter)?)?;
            let groups = groups(&aggregate.names, context.vector(&aggregate.of)?);
            Ok(groups.into_iter().flat_map(|group| choice.of(group.members)).collect())
        }
        (Fold::CountValues, Some(label)) => {
            let label = context.text(label)?;
            Ok(count_values::count(label, groups(&aggregate.names, context.vector(&aggregate.of)?)))
        }
        (fold, parameter) => {
            let parameter = parameter.as_ref().map(|node| context.scalar(node)).transpose()?;
            if let Some(share) = parameter.filter(|_| fold == Fold::Quantile) {
                context.query.annotations.borrow_mut().check_share(aggregate.place, share);
            }
            let groups = groups(&aggregate.names, context.vector(&aggregate.of)?);
            let one = |group: Group| Element {
                value: fold::fold(fold, parameter.unwrap_or(f64::NAN), &group.members),
                labels: Arc::new(group.labels),
                drops_name: group.drops_name,
            };
            Ok(groups.into_iter().map(one).collect())
        }
    }
}

fn groups(names: &Names, vector: Vector) -> Vec<Group> {
    let mut index = Index::new(names);
    let mut groups: Vec<Group> = Vec::new();
    for element in vector {
        let known = index.claim(&element.labels, groups.len(), |place| &groups[place].members[0].labels);
        let place = known.unwrap_or_else(|| {
            let labels = signature(names, &element.labels);
            groups.push(Group { labels, drops_name: false, members: Vector::new() });
            groups.len() - 1
        });
        groups[place].drops_name |= element.drops_name;
        groups[place].members.push(element);
    }
    groups
}
