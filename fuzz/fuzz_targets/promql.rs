//! Expressions over three series: parsed or refused, evaluated or refused, never a panic.
#![no_main]

use hostward_engine::labels::{Labels, NAME};
use hostward_engine::promql::Expr;
use hostward_engine::promql::source::{Point, Selector, Source};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

const STEP_MS: i64 = 10_000;
const POINTS: i64 = 30;

/// Series `a` with two values of a label, and `b`, which restarts now and then.
struct Three;

fn series() -> [(Arc<Labels>, fn(i64) -> f64); 3] {
    let labels = |pairs: &[(&str, &str)]| {
        Arc::new(Labels::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))))
    };
    [
        (labels(&[(NAME, "a"), ("x", "1")]), |at| at as f64),
        (labels(&[(NAME, "a"), ("x", "2")]), |at| if at % 7 == 0 { f64::NAN } else { -0.5 }),
        (labels(&[(NAME, "b")]), |at| (at % 5) as f64),
    ]
}

impl Source for Three {
    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let chosen = series().into_iter().filter(|(labels, _)| selector.matches(labels));
        let points = |value: fn(i64) -> f64| {
            let all = (0..POINTS).map(|at| Point { at_ms: at * STEP_MS, value: value(at) });
            all.filter(|point| point.at_ms > from_ms && point.at_ms <= to_ms).collect::<Vec<_>>()
        };
        chosen
            .map(|(labels, value)| (labels, points(value)))
            .filter(|(_, points)| !points.is_empty())
            .collect()
    }
}

fuzz_target!(|text: &str| {
    if let Ok(expr) = Expr::parse(text) {
        let _ = expr.unfit_for_rule();
        let _ = expr.eval(&Three, POINTS * STEP_MS / 2);
    }
});
