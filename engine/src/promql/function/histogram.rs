//! Classic histograms: series with a label `le`, each counting what is at most that large.

mod bucket;

use super::{Function, Run};
use crate::labels::{Labels, NAME};
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::{Call, Kind, Place};
use crate::promql::value::{Element, Vector};
use bucket::{Bucket, Buckets};
use hostward_model::number;
use std::collections::HashMap;
use std::sync::Arc;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    Function::vector("histogram_quantile", &[Kind::Scalar, Kind::Vector], Run::Vector(quantile)),
    Function {
        repeats: true,
        ..Function::vector(
            "histogram_quantiles",
            &[Kind::Vector, Kind::Text, Kind::Scalar],
            Run::Vector(quantiles),
        )
    },
    Function::vector(
        "histogram_fraction",
        &[Kind::Scalar, Kind::Scalar, Kind::Vector],
        Run::Vector(fraction),
    ),
];

/// A histogram: its series without `le`.
struct Histogram {
    labels: Labels,
    buckets: Buckets,
}

fn quantile(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    let share = context.scalar(&call.arguments[0])?;
    context.query.annotations.borrow_mut().check_share(place(call, 0), share);
    let histograms = histograms(context, context.vector(&call.arguments[1])?, place(call, 1));
    let one = |histogram: Histogram| {
        let (value, forced) = histogram.buckets.quantile(share);
        note_forced(context, forced, &histogram, place(call, 1));
        element(histogram.labels, value)
    };
    Ok(histograms.into_iter().map(one).collect())
}

fn quantiles(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    let label = context.text(&call.arguments[1])?;
    let mut shares = Vec::new();
    for (index, argument) in call.arguments.iter().enumerate().skip(2) {
        let share = context.scalar(argument)?;
        context.query.annotations.borrow_mut().check_share(place(call, index), share);
        shares.push(share);
    }
    let mut vector = Vector::new();
    for histogram in histograms(context, context.vector(&call.arguments[0])?, place(call, 0)) {
        for share in &shares {
            let (value, forced) = histogram.buckets.quantile(*share);
            note_forced(context, forced, &histogram, place(call, 0));
            let mut labels = histogram.labels.clone();
            labels.set(label, shown(*share));
            vector.push(element(labels, value));
        }
    }
    Ok(vector)
}

/// As OpenMetrics writes a float: with a point even when it is whole.
fn shown(share: f64) -> String {
    let text = number::to_string(share);
    let whole = text.bytes().all(|c| c.is_ascii_digit() || c == b'-');
    if whole { text + ".0" } else { text }
}

fn fraction(context: &Context<'_>, call: &Call) -> Result<Vector, EvalError> {
    let (lower, upper) = (context.scalar(&call.arguments[0])?, context.scalar(&call.arguments[1])?);
    let histograms = histograms(context, context.vector(&call.arguments[2])?, place(call, 2));
    Ok(histograms
        .into_iter()
        .map(|histogram| element(histogram.labels, histogram.buckets.fraction(lower, upper)))
        .collect())
}

fn place(call: &Call, argument: usize) -> Place {
    call.places.get(argument).copied().unwrap_or_default()
}

fn element(labels: Labels, value: f64) -> Element {
    Element::new(Arc::new(labels), value).computed(value)
}

fn note_forced(context: &Context<'_>, forced: bool, histogram: &Histogram, place: Place) {
    if forced {
        let name = histogram.labels.get(NAME);
        let text = "input to histogram_quantile needed to be fixed for monotonicity (see \
                    https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for \
                    metric name";
        context.query.annotations.borrow_mut().inform(place, &format!("{text} {name:?}"));
    }
}

/// Series that differ only in `le`, in the order of their first; one without a number there is left out.
fn histograms(context: &Context<'_>, vector: Vector, place: Place) -> Vec<Histogram> {
    let mut places: HashMap<Labels, usize> = HashMap::new();
    let mut found: Vec<(Labels, Vec<Bucket>)> = Vec::new();
    for element in vector {
        let le = element.labels.get("le");
        let Ok(upper) = le.parse::<f64>() else {
            let name = element.labels.name();
            let text = format!(
                "bucket label \"le\" is missing or has a malformed value of {le:?} for metric name {name:?}"
            );
            context.query.annotations.borrow_mut().warn(place, &text);
            continue;
        };
        let mut labels = element.labels.as_ref().clone();
        labels.set("le", "");
        let place = *places.entry(labels.clone()).or_insert(found.len());
        if place == found.len() {
            found.push((labels, Vec::new()));
        }
        found[place].1.push(Bucket { upper, count: element.value });
    }
    found.into_iter().map(|(labels, buckets)| Histogram { labels, buckets: Buckets::new(buckets) }).collect()
}
