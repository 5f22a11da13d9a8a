//! `hostward query`: PromQL over what the daemon remembers.

use super::output::items;
use super::{Common, Failure, Found, Outcome, daemon, output};
use crate::clock;
use crate::config::Span;
use crate::percent::encode;
use crate::visible::visible;
use clap::Args;
use hostward_engine::Labels;
use hostward_model::time;
use serde_json::Value;

/// What `query` takes.
#[derive(Args)]
pub struct Query {
    /// The expression, such as 'node_load1 > 4'.
    promql: String,
    /// Show the values over so long a time until now, such as 1h.
    #[arg(long, value_name = "TIME")]
    range: Option<Span>,
    /// Distance of the values.
    #[arg(long, value_name = "TIME", default_value = "10s", requires = "range")]
    step: Span,
}

/// Asks the daemon.
pub fn act(common: &Common, own: &Query) -> Outcome {
    if own.step.ms() == 0 {
        return Err(Failure::Usage("the step must be longer than 0".to_owned()));
    }
    let answer = daemon::get(common, &path(own))?;
    output::either(common.format, &answer, show);
    if answer["result"].as_array().is_some_and(Vec::is_empty) {
        output::message("no series match");
    }
    Ok(Found::Well)
}

fn path(own: &Query) -> String {
    let query = encode(&own.promql);
    let Some(range) = own.range else { return format!("query?query={query}") };
    let step_ms = own.step.ms();
    // Steps lie on multiples, so that the same question a moment later has the same steps.
    let end_ms = clock::now().wall_ms as u64 / step_ms * step_ms;
    let [start, end, step] =
        [end_ms.saturating_sub(range.ms()), end_ms, step_ms].map(|ms| ms as f64 / 1000.0);
    format!("query_range?query={query}&start={start}&end={end}&step={step}")
}

fn show(answer: &Value) -> String {
    match answer["resultType"].as_str() {
        Some("vector") => {
            items(answer, "result").iter().map(|own| line(&series(own), &own["value"])).collect()
        }
        Some("matrix") => items(answer, "result").iter().map(over_time).collect(),
        _ => line("", &answer["result"]),
    }
}

fn over_time(own: &Value) -> String {
    let points = items(own, "values").iter().map(|point| {
        let at_ms = point[0].as_f64().unwrap_or(0.0) * 1000.0;
        format!("  {}  {}\n", time::rfc3339(at_ms as i64), text(&point[1]))
    });
    format!("{}\n{}", series(own), points.collect::<String>())
}

fn line(series: &str, point: &Value) -> String {
    let blank = if series.is_empty() { "" } else { " " };
    format!("{series}{blank}{}\n", text(&point[1]))
}

fn text(value: &Value) -> String {
    visible(value.as_str().unwrap_or("-"))
}

fn series(own: &Value) -> String {
    let pairs = own["metric"].as_object().into_iter().flatten();
    let labels =
        Labels::new(pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").to_owned())));
    visible(&labels.to_string())
}
