//! Whether values are the ones that a script has.

use super::expect::Expect;
use super::script::{Eval, Times, time_ms};
use hostward_engine::Labels;
use hostward_engine::promql::drawn::{self, Drawing};
use hostward_engine::promql::source::Point;
use hostward_engine::promql::{RangeSeries, Value};

/// Two values are the same when they differ by no more than this share of their sum.
const SAME_SHARE: f64 = 1e-6;

/// An instant's answer.
pub fn instant(eval: &Eval, value: &Value) -> Result<(), String> {
    if let Some(wanted) = eval.expect.iter().find_map(|expect| match expect {
        Expect::String(wanted) => Some(wanted),
        _ => None,
    }) {
        let same = matches!(value, Value::String(text) if text == wanted);
        return if same { Ok(()) } else { Err(format!("it should be the text {wanted:?} and is {value:?}")) };
    }
    match value {
        Value::Matrix(series) => matrix(eval, series),
        Value::Scalar(found) => match eval.lines.as_slice() {
            [line] => one(*found, line.parse().map_err(|_| format!("`{line}` is not a number"))?),
            _ => Err(format!("it is the number {found}")),
        },
        Value::String(text) => Err(format!("it is the text {text:?}")),
        Value::Vector(found) => {
            let wanted = eval.lines.iter().map(|line| expected_one(line)).collect::<Result<Vec<_>, _>>()?;
            same(found, &wanted)?;
            let ordered = eval.expect.iter().any(|expect| matches!(expect, Expect::Ordered));
            let labels = |vector: &[(Labels, f64)]| {
                vector.iter().map(|(labels, _)| labels.clone()).collect::<Vec<_>>()
            };
            if ordered && labels(found) != labels(&wanted) {
                return Err(format!("the order is another: {found:?}"));
            }
            Ok(())
        }
    }
}

fn expected_one(line: &str) -> Result<(Labels, f64), String> {
    let (labels, values) = drawn::labels(line)?;
    match drawn::values(values)?.as_slice() {
        [Drawing::Value(value)] => Ok((labels, *value)),
        _ => Err(format!("`{line}` should have one value")),
    }
}

/// Whether two vectors have the same values, in any order.
pub fn same(found: &[(Labels, f64)], wanted: &[(Labels, f64)]) -> Result<(), String> {
    for (labels, value) in wanted {
        let Some((_, own)) = found.iter().find(|(own, _)| own == labels) else {
            return Err(format!("{labels} {value} is missing"));
        };
        one(*own, *value).map_err(|why| format!("{labels}: {why}"))?;
    }
    match found.iter().find(|(own, _)| !wanted.iter().any(|(labels, _)| own == labels)) {
        Some((labels, value)) => Err(format!("{labels} {value} should not be there")),
        None => Ok(()),
    }
}

/// A range query's answer.
pub fn range(eval: &Eval, found: &[RangeSeries]) -> Result<(), String> {
    let Times::Range(from_ms, _, step_ms) = eval.times else { return Ok(()) };
    series(&eval.lines, found, from_ms, step_ms)
}

fn matrix(eval: &Eval, found: &[RangeSeries]) -> Result<(), String> {
    let times = eval.expect.iter().find_map(|expect| match expect {
        Expect::RangeVector { from, step } => Some((from, step)),
        _ => None,
    });
    let (from, step) = times.ok_or("it is a range vector")?;
    series(&eval.lines, found, time_ms(from)?, time_ms(step)?)
}

fn series(lines: &[String], found: &[RangeSeries], from_ms: i64, step_ms: i64) -> Result<(), String> {
    let mut wanted: Vec<RangeSeries> = Vec::new();
    for line in lines {
        let (labels, values) = drawn::labels(line)?;
        let times = (0_i64..).map(|index| from_ms + index * step_ms);
        let points = times.zip(drawn::values(values)?).filter_map(|(at_ms, value)| match value {
            Drawing::Value(value) => Some(Point { at_ms, value }),
            _ => None,
        });
        wanted.push(RangeSeries { labels, points: points.collect() });
    }
    wanted.retain(|series| !series.points.is_empty());
    for RangeSeries { labels, points } in &wanted {
        let Some(own) = found.iter().find(|own| own.labels == *labels) else {
            return Err(format!("{labels} is missing"));
        };
        if own.points.len() != points.len() {
            return Err(format!("{labels} should have {} points: {:?}", points.len(), own.points));
        }
        for (own, wanted) in own.points.iter().zip(points) {
            if own.at_ms != wanted.at_ms {
                return Err(format!("{labels} has a point at {} ms", own.at_ms));
            }
            one(own.value, wanted.value).map_err(|why| format!("{labels} at {} ms: {why}", own.at_ms))?;
        }
    }
    match found.iter().find(|own| !wanted.iter().any(|series| own.labels == series.labels)) {
        Some(own) => Err(format!("{} should not be there: {:?}", own.labels, own.points)),
        None => Ok(()),
    }
}

fn one(found: f64, wanted: f64) -> Result<(), String> {
    if is_almost(found, wanted) { Ok(()) } else { Err(format!("it should be {wanted} and is {found}")) }
}

fn is_almost(a: f64, b: f64) -> bool {
    if a == b || (a.is_nan() && b.is_nan()) {
        return true;
    }
    let (sum, gap) = (a.abs() + b.abs(), (a - b).abs());
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return gap < SAME_SHARE * f64::MIN_POSITIVE;
    }
    gap / sum.min(f64::MAX) < SAME_SHARE
}
