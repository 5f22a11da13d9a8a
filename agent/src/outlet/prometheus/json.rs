//! Values as Prometheus writes them in JSON, straight into text: a tree of a long answer would take ten times its room.

use hostward_engine::labels::Labels;
use hostward_engine::promql::source::Point;
use hostward_engine::promql::{RangeSeries, Value};
use std::fmt::Write;

/// The value of an expression at one time.
pub fn value(value: &Value, at_ms: i64) -> String {
    match value {
        Value::Scalar(value) => result("scalar", &pair(at_ms, *value)),
        Value::String(text) => result("string", &format!("[{},{}]", Seconds(at_ms), quoted(text))),
        Value::Matrix(series) => matrix(series),
        Value::Vector(series) => {
            let one = |out: &mut String, (own, value): &(Labels, f64)| {
                *out += &format!("{{\"metric\":{},\"value\":{}}}", labels(own), pair(at_ms, *value));
            };
            result("vector", &list(series, one))
        }
    }
}

/// Values over time.
pub fn matrix(series: &[RangeSeries]) -> String {
    let one = |out: &mut String, own: &RangeSeries| {
        *out += &format!("{{\"metric\":{},\"values\":", labels(&own.labels));
        push_list(out, &own.points, |out, point: &Point| push_pair(out, point.at_ms, point.value));
        out.push('}');
    };
    result("matrix", &list(series, one))
}

/// Labels as an object.
pub fn labels(labels: &Labels) -> String {
    let pairs = labels.iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

/// Things one after the other.
pub fn list<T>(items: &[T], push: impl Fn(&mut String, &T)) -> String {
    let mut out = String::new();
    push_list(&mut out, items, push);
    out
}

fn result(kind: &str, result: &str) -> String {
    format!("{{\"resultType\":\"{kind}\",\"result\":{result}}}")
}

fn push_list<T>(out: &mut String, items: &[T], push: impl Fn(&mut String, &T)) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push(out, item);
    }
    out.push(']');
}

fn pair(at_ms: i64, value: f64) -> String {
    let mut out = String::new();
    push_pair(&mut out, at_ms, value);
    out
}

fn push_pair(out: &mut String, at_ms: i64, value: f64) {
    let _ = write!(out, "[{},\"{}\"]", Seconds(at_ms), number(value));
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Seconds with three digits behind the point, or none.
struct Seconds(i64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, ms) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        match ms % 1000 {
            0 => write!(f, "{sign}{}", ms / 1000),
            rest => write!(f, "{sign}{}.{rest:03}", ms / 1000),
        }
    }
}

/// The shortest digits that mean the number; JSON has no NaN and no infinity, so it stands in quotes.
fn number(value: f64) -> String {
    match value {
        _ if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ if value == 0.0 || (1e-6..1e21).contains(&value.abs()) => value.to_string(),
        _ => exponential(value),
    }
}

/// With an exponent of two digits at least, as Go writes it: `1.5e+00`.
pub fn exponential(value: f64) -> String {
    if !value.is_finite() {
        return number(value);
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_written_as_in_go() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (1e6, "1000000"),
            (1e21, "1e+21"),
            (2.5e-7, "2.5e-07"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, wanted) in cases {
            assert_eq!(number(value), wanted);
        }
        assert_eq!([0.0, 1.0, 0.25, 123456.0].map(exponential), ["0e+00", "1e+00", "2.5e-01", "1.23456e+05"]);
        let times = [0, 1_435_781_430_781, 1_000, -1_500].map(|ms| Seconds(ms).to_string());
        assert_eq!(times, ["0", "1435781430.781", "1", "-1.500"]);
    }

    #[test]
    fn values_have_prometheus_shape() {
        let up = Labels::new([("__name__", "up"), ("a", "\"b\"")]);
        let shown = value(&Value::Vector(vec![(up.clone(), 1.0), (Labels::default(), 2.0)]), 1500);
        let wanted = r#"{"resultType":"vector","result":[{"metric":{"__name__":"up","a":"\"b\""},"value":[1.500,"1"]},{"metric":{},"value":[1.500,"2"]}]}"#;
        assert_eq!(shown, wanted);
        let points = [1000, 2000].map(|at_ms| Point { at_ms, value: 0.5 }).to_vec();
        let shown = matrix(&[RangeSeries { labels: Labels::default(), points }]);
        assert_eq!(
            shown,
            r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1,"0.5"],[2,"0.5"]]}]}"#
        );
        let shown = value(&Value::String("a\nb".to_owned()), 0);
        assert_eq!(shown, r#"{"resultType":"string","result":[0,"a\nb"]}"#);
    }
}
