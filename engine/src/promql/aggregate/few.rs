//! Aggregations that keep some series as they are: the largest, the smallest, or any.

use crate::labels::Labels;
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::{Aggregate, Fold};
use crate::promql::number::ascending;
use crate::promql::value::Vector;
use hostward_model::number;

/// Which series of a group are kept.
pub enum Choice {
    Largest(usize),
    Smallest(usize),
    First(usize),
    /// The share of all label sets whose hash falls into it; a negative one has what the positive one leaves.
    Share(f64),
}

impl Choice {
    /// As an operator and its argument say.
    pub fn new(context: &Context<'_>, aggregate: &Aggregate, parameter: f64) -> Result<Self, EvalError> {
        if aggregate.fold == Fold::LimitRatio {
            return share(context, aggregate, parameter).map(Choice::Share);
        }
        if parameter.is_nan() {
            return Err(EvalError::Parameter("Parameter value is NaN".to_owned()));
        }
        let count = parameter.max(0.0) as usize;
        Ok(match aggregate.fold {
            Fold::Topk => Choice::Largest(count),
            Fold::Bottomk => Choice::Smallest(count),
            _ => Choice::First(count),
        })
    }

    /// The largest or smallest come first, NaN last; of equals, the first.
    pub fn of(&self, mut group: Vector) -> Vector {
        match *self {
            Choice::Largest(count) => {
                group.sort_by(|a, b| ascending(&b.value, &a.value));
                group.truncate(count);
            }
            Choice::Smallest(count) => {
                let last = |value: f64| value.is_nan();
                group.sort_by(|a, b| last(a.value).cmp(&last(b.value)).then(ascending(&a.value, &b.value)));
                group.truncate(count);
            }
            Choice::First(count) => group.truncate(count),
            Choice::Share(share) => group.retain(|element| falls_into(share, &element.labels)),
        }
        group
    }
}

fn share(context: &Context<'_>, aggregate: &Aggregate, share: f64) -> Result<f64, EvalError> {
    if share.is_nan() {
        return Err(EvalError::Parameter("Ratio value is NaN".to_owned()));
    }
    let capped = share.clamp(-1.0, 1.0);
    if capped != share {
        let (share, to) = (number::to_string(share), number::to_string(capped));
        let text = format!("ratio value should be between -1 and 1, got {share}, capping to {to}");
        context.query.annotations.borrow_mut().warn(aggregate.place, &text);
    }
    Ok(capped)
}

fn falls_into(share: f64, labels: &Labels) -> bool {
    // The high bits of FNV-1a hardly differ between label sets that are alike: they are mixed once more.
    let mixed = labels.fingerprint().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let place = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93) as f64 / u64::MAX as f64;
    if share >= 1.0 {
        true
    } else if share >= 0.0 {
        place < share
    } else {
        place >= 1.0 + share
    }
}
