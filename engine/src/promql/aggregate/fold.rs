//! Aggregations that give one value for each group.

use crate::promql::node::Fold;
use crate::promql::number;
use crate::promql::value::Vector;

/// The value of a group, which has at least one member.
pub fn fold(fold: Fold, parameter: f64, group: &Vector) -> f64 {
    let values = group.iter().map(|element| element.value);
    match fold {
        Fold::Sum => number::sum(values),
        Fold::Avg => number::mean(values),
        Fold::Min => number::min(values),
        Fold::Max => number::max(values),
        Fold::Stddev => number::variance(values).sqrt(),
        Fold::Stdvar => number::variance(values),
        Fold::Quantile => number::quantile(parameter, values.collect()),
        Fold::Group => 1.0,
        Fold::Count | Fold::Topk | Fold::Bottomk | Fold::CountValues | Fold::Limitk | Fold::LimitRatio => {
            group.len() as f64
        }
    }
}
