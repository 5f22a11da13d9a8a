//! Verbs that wait for what the engine sees.

use super::{Gave, Given, Means, POLL, argument, failed, given, hopeless, until};
use crate::clock;
use crate::history::evaluate;
use crate::request::Request;
use hostward_engine::promql::{Expr, Value};
use hostward_engine::{Alert, State};
use hostward_harden::workflow::{Answer, Task};
use hostward_model::number;
use std::time::Duration;
use tokio::sync::oneshot;

const QUERY_MAX: Duration = Duration::from_secs(10);

/// Waits until an alert fires, or none of that name does.
pub async fn await_alert(means: &Means, task: &Task) -> Gave {
    let (name, state) = (argument(task, "alert")?, argument(task, "state")?);
    if !matches!(state, "firing" | "resolved") {
        return Err(hopeless(format!("state: expected firing or resolved, found {state:?}")));
    }
    until(POLL, || async {
        Ok(match (firing(means, name), state) {
            (Some(alert), "firing") => {
                Some(given([("id", alert.id.clone()), ("value", number::to_string(alert.value))]))
            }
            // Before the first samples nothing fires, and nothing is over either.
            (None, "resolved") if means.published.view().is_some() => Some(Given::new()),
            _ => None,
        })
    })
    .await
}

/// The alert of that name, or id, that fires.
pub fn firing(means: &Means, name: &str) -> Option<Alert> {
    let view = means.published.view()?;
    let meant = |own: &&Alert| (own.name == name || own.id == name) && own.state == State::Firing;
    view.alerts.iter().find(meant).cloned()
}

/// Waits until a series is unusual, surely enough.
pub async fn await_anomaly(means: &Means, task: &Task) -> Gave {
    let part = argument(task, "series")?;
    let least: f64 =
        argument(task, "confidence")?.parse().map_err(|_| hopeless("confidence: expected 0 to 1"))?;
    until(POLL, || async {
        let view = means.published.view();
        let mut all = view.iter().flat_map(|view| &view.anomalies).map(|own| &own.evidence);
        let sure =
            all.find(|own| own.series.contains(part) && own.confidence.is_some_and(|own| own >= least));
        Ok(sure.map(|own| {
            let confidence = number::to_string(own.confidence.unwrap_or(0.0));
            given([("confidence", confidence), ("value", number::to_string(own.value))])
        }))
    })
    .await
}

/// Waits until an expression has a value.
pub async fn await_metric(means: &Means, task: &Task) -> Gave {
    let expr = argument(task, "expr")?;
    let value = until(POLL, || async {
        Ok(holds(means, expr).await?.map(|value| given([("value", number::to_string(value))])))
    });
    value.await
}

/// The first value of an expression; none when it has none, as a comparison that does not hold.
pub async fn holds(means: &Means, text: &str) -> Result<Option<f64>, Answer> {
    let expr = Expr::parse(text).map_err(|error| hopeless(format!("expr: {error}")))?;
    let (reply, answer) = oneshot::channel();
    let selectors = expr.selectors().cloned().collect();
    means.requests.send(Request::Recall { selectors, reply }).await.map_err(failed)?;
    let memory = answer.await.map_err(failed)?;
    let at_ms = clock::now().wall_ms;
    let work = move |archive: &crate::history::Archive| {
        evaluate::at(archive, &memory, &expr, at_ms, QUERY_MAX).map_err(failed)
    };
    let (value, _) = means.desk.ask(work).await.ok_or_else(|| failed("too many queries wait"))??;
    Ok(match value {
        Value::Scalar(value) => Some(value),
        Value::Vector(samples) => samples.first().map(|own| own.1),
        _ => return Err(hopeless("expr: expected numbers of one instant")),
    })
}
