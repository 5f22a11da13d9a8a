//! What the rule of an alert compared with what, and how that went.

use super::moment::Moment;
use crate::cli::chart::{self, Pen};
use crate::cli::output::items;
use crate::cli::{Common, Failure, daemon};
use crate::percent::encode;
use crate::visible::visible;
use hostward_engine::promql::{Condition, Expr};
use hostward_model::number;
use serde_json::{Value, json};

/// Conditions of a rule, and series of each, that are drawn.
const CONDITIONS_MAX: usize = 3;
const SERIES_MAX: usize = 2;
/// Points that are asked for.
const POINTS: f64 = 120.0;

/// The conditions of an alert with the values that they saw.
pub fn conditions(common: &Common, alert: &Value, moment: Moment) -> Vec<Value> {
    let Ok(expr) = Expr::parse(alert["expr"].as_str().unwrap_or("")) else { return Vec::new() };
    let conditions = expr.conditions().into_iter().take(CONDITIONS_MAX);
    conditions.map(|condition| values(common, alert, moment, &condition)).collect()
}

fn values(common: &Common, alert: &Value, moment: Moment, condition: &Condition) -> Value {
    let Moment { from, to, .. } = moment;
    let step = ((to - from) / POINTS).ceil().max(1.0);
    // The last step is the moment itself, for what is young has no other.
    let from = to - ((to - from) / step).floor() * step;
    let path = format!("query_range?query={}&start={from}&end={to}&step={step}", encode(&condition.measured));
    let (answer, error) = match daemon::get(common, &path) {
        Ok(answer) => (answer, None),
        Err(Failure::Usage(why) | Failure::Failed(why)) => (Value::Null, Some(why)),
    };
    let agreeing = items(&answer, "result").iter().filter(|own| agree(&own["metric"], &alert["labels"]));
    json!({
        "measured": condition.measured,
        "operator": condition.operator,
        "threshold": condition.threshold,
        "error": error,
        "series": agreeing.take(SERIES_MAX).collect::<Vec<_>>(),
    })
}

/// Whether labels that both have are the same.
fn agree(series: &Value, alert: &Value) -> bool {
    let mut labels = series.as_object().into_iter().flatten();
    labels.all(|(name, value)| name == "__name__" || alert[name].is_null() || alert[name] == *value)
}

/// The conditions as charts.
pub fn text(conditions: &[Value], width: usize, pen: Pen) -> String {
    conditions.iter().map(|own| drawn(own, width, pen)).collect()
}

fn drawn(own: &Value, width: usize, pen: Pen) -> String {
    let operator = own["operator"].as_str().unwrap_or("");
    let Some(threshold) = own["threshold"].as_f64() else { return String::new() };
    let measured = visible(own["measured"].as_str().unwrap_or(""));
    let mut out = format!("  {measured} {operator} {}\n", number::brief(threshold));
    if let Some(error) = own["error"].as_str() {
        return out + &format!("    not known: {}\n", visible(error));
    }
    for series in items(own, "series") {
        let values: Vec<(f64, f64)> = items(series, "values").iter().filter_map(point).collect();
        let last = values.last().map_or_else(|| "-".to_owned(), |(_, value)| number::brief(*value));
        out += &format!("    now or last {last}   {}\n", pen.key_of("where the condition does not hold"));
        let low = values.iter().map(|(_, value)| *value).fold(threshold, f64::min);
        let high = values.iter().map(|(_, value)| *value).fold(threshold, f64::max);
        let calm = match operator {
            ">" | ">=" => Some((low, threshold)),
            "<" | "<=" => Some((threshold, high)),
            "!=" => Some((threshold, threshold)),
            _ => None,
        };
        let points: Vec<_> = values.into_iter().map(|(at, value)| (at, Some(value), calm)).collect();
        out += &chart::draw(&chart::columns(&points, width), pen);
    }
    if items(own, "series").is_empty() {
        out += "    nothing of it is remembered\n";
    }
    out
}

fn point(own: &Value) -> Option<(f64, f64)> {
    Some((own[0].as_f64()?, own[1].as_str()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn values_are_drawn_against_the_threshold() {
        let value = |at: u32| json!([at, if at < 20 { "0.25" } else { "0.05" }]);
        let series =
            json!({ "metric": { "mountpoint": "/" }, "values": (0..40).map(value).collect::<Vec<_>>() });
        let own =
            json!({ "measured": "avail / size", "operator": "<", "threshold": 0.1, "series": [series] });
        expect![[r#"
            rule
              avail / size < 0.1
                now or last 0.05   * value   # value outside   . where the condition does not hold
                    0.25 |********************....................
                         |........................................
                         |........................................
                         |........................................
                         |........................................
                         |........................................
                         |
                    0.05 |                    ####################
        "#]]
        .assert_eq(&format!("rule\n{}", text(&[own], 40, Pen::ASCII)));
    }

    #[test]
    fn labels_that_both_have_must_agree() {
        let alert = json!({ "alertname": "Full", "mountpoint": "/" });
        assert!(agree(&json!({ "__name__": "avail", "mountpoint": "/", "fstype": "ext4" }), &alert));
        assert!(!agree(&json!({ "mountpoint": "/srv" }), &alert));
    }
}
