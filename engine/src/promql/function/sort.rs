//! The order of results.

use super::{Function, Run, VECTOR};
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::{Call, Kind};
use crate::promql::number::ascending;
use crate::promql::value::{Element, Vector};
use std::cmp::Ordering;

/// The family. NaN comes last either way.
pub const FUNCTIONS: &[Function] = &[
    Function::vector("sort", VECTOR, Run::Vector(|context, call| sorted(context, call, by_value))),
    Function::vector(
        "sort_desc",
        VECTOR,
        Run::Vector(|context, call| sorted(context, call, |_, a, b| ascending(&b.value, &a.value))),
    ),
    by_label("sort_by_label", |context, call| sorted(context, call, by_labels)),
    by_label("sort_by_label_desc", |context, call| {
        sorted(context, call, |labels, a, b| by_labels(labels, b, a))
    }),
];

const fn by_label(name: &'static str, run: fn(&Context<'_>, &Call) -> Result<Vector, EvalError>) -> Function {
    let function = Function::vector(name, &[Kind::Vector, Kind::Text], Run::Vector(run));
    Function { optional: 1, repeats: true, ..function }
}

fn sorted(
    context: &Context<'_>,
    call: &Call,
    order: impl Fn(&[&str], &Element, &Element) -> Ordering,
) -> Result<Vector, EvalError> {
    if context.query.step_ms > 0 {
        let text = "sort is ineffective for range queries since results are always ordered by labels";
        context.query.annotations.borrow_mut().warn(call.place, text);
    }
    let mut vector = context.vector(&call.arguments[0])?;
    let labels =
        call.arguments[1..].iter().map(|label| context.text(label)).collect::<Result<Vec<_>, _>>()?;
    vector.sort_by(|a, b| order(&labels, a, b));
    Ok(vector)
}

fn by_value(_: &[&str], a: &Element, b: &Element) -> Ordering {
    a.value.is_nan().cmp(&b.value.is_nan()).then(ascending(&a.value, &b.value))
}

/// By the labels that are named, numbers in them by their size; then by all labels.
fn by_labels(labels: &[&str], a: &Element, b: &Element) -> Ordering {
    let one = |label: &&str| natural(a.labels.get(label), b.labels.get(label));
    let named = labels.iter().map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
    named.then_with(|| a.labels.cmp(&b.labels))
}

/// `4m5` comes before `4m600`.
fn natural(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() && !b.is_empty() {
        let ((one, rest_a), (other, rest_b)) = (piece(a), piece(b));
        let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let order = if digits(one) && digits(other) {
            let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
            one.len().cmp(&other.len()).then(one.cmp(other))
        } else {
            one.cmp(other)
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    a.len().cmp(&b.len())
}

/// The digits or non-digits that a text begins with, and the rest.
fn piece(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    text.split_at(text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_labels_are_ordered_by_size() {
        let ordered = ["", "0", "2", "10", "4m5", "4m600", "4m1000", "a", "a1", "a1b", "b"];
        for pair in ordered.windows(2) {
            let expected = if pair == ["10", "4m5"] { Ordering::Greater } else { Ordering::Less };
            assert_eq!(natural(pair[0], pair[1]), expected, "{pair:?}");
            assert_eq!(natural(pair[1], pair[0]), expected.reverse(), "{pair:?}");
        }
        assert_eq!(natural("1.2.3", "1.11.3"), Ordering::Less);
    }
}
