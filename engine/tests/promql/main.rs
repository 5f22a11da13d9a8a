//! What expressions come to. Expected values are those of Prometheus 3.

#![allow(clippy::unwrap_used)]

mod aggregations;
mod functions;
mod operators;
mod refusals;
mod selectors;
#[path = "../series/mod.rs"]
mod series;
mod windows;

use expect_test::{Expect, expect};
use hostward_engine::promql::drawn::Drawn;
use hostward_engine::promql::{Expr, Value};
use hostward_model::number;
use series::drawn;

const MINUTE: i64 = 60_000;

fn show(value: &Value) -> String {
    match value {
        Value::Scalar(value) => number::to_string(*value),
        Value::String(text) => format!("{text:?}"),
        Value::Vector(vector) => {
            vector.iter().map(|(labels, value)| format!("{labels} {}\n", number::to_string(*value))).collect()
        }
        Value::Matrix(matrix) => {
            let points = |series: &hostward_engine::promql::RangeSeries| -> String {
                series
                    .points
                    .iter()
                    .map(|p| format!(" {}@{}", number::to_string(p.value), p.at_ms / 1000))
                    .collect()
            };
            matrix.iter().map(|series| format!("{}{}\n", series.labels, points(series))).collect()
        }
    }
}

/// Each line an expression; the answer stands under it.
fn answers(source: &Drawn, at_ms: i64, expressions: &str) -> String {
    let mut out = String::new();
    for text in expressions.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let answer = match Expr::parse(text) {
            Err(error) => format!("refused: {error}"),
            Ok(expr) => {
                expr.eval(source, at_ms).map_or_else(|error| format!("failed: {error}"), |value| show(&value))
            }
        };
        out.push_str(text);
        for line in answer.lines() {
            out.push_str("\n    ");
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

fn check(source: &Drawn, at_ms: i64, expressions: &str, expect: Expect) {
    expect.assert_eq(&answers(source, at_ms, expressions));
}

fn requests() -> Drawn {
    drawn(
        5 * MINUTE,
        r#"
        requests{job="api",instance="0"} 0+10x10
        requests{job="api",instance="1"} 0+20x10
        requests{job="app",instance="0"} 0+30x10
        requests{job="app",instance="1"} 0+40x10
        limit{job="api"} 150x10
        limit{job="app"} 350x10
        "#,
    )
}

#[test]
fn a_range_query_is_a_loop_of_instants() {
    let expr = Expr::parse(r#"sum by (job) (requests) > 300"#).unwrap();
    let series = expr.eval_range(&requests(), 0, 60 * MINUTE, 10 * MINUTE).unwrap();
    expect![[r#"
        {job="app"} 420@1800 560@2400 700@3000
    "#]]
    .assert_eq(&show(&Value::Matrix(series)));
    assert!(expr.eval_range(&requests(), 0, i64::MAX, 1).is_err());
    assert!(expr.eval_range(&requests(), 0, 1, 0).is_err());
    assert!(Expr::parse("m[5m]").unwrap().eval_range(&requests(), 0, 1, 1).is_err());
}
