//! `query` and `query_range`.

use super::json;
use super::told::{Reply, Told};
use crate::clock;
use crate::history::evaluate::{self, Refusal, Steps};
use crate::history::{Archive, Fault};
use crate::outlet::Outlets;
use crate::outlet::asked::send;
use crate::outlet::parameters::Parameters;
use crate::outlet::problem::Problem;
use crate::request::Request;
use hostward_engine::Excerpt;
use hostward_engine::promql::{Annotations, Expr};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a query may take, the wait for others included.
pub const QUERY_MAX: Duration = Duration::from_secs(10);

/// The value of an expression at one time.
pub async fn query(outlets: &Outlets, parameters: &Parameters) -> Reply {
    let expr = expression(parameters)?;
    let at_ms = parameters.seconds_ms("time", Some(clock::now().wall_ms))?;
    let memory = recall(outlets, &expr).await?;
    let time_max = time_max(parameters)?;
    evaluated(outlets, move |archive| {
        let (value, notes) = evaluate::at(archive, &memory, &expr, at_ms, time_max)?;
        Ok(told(json::value(&value, at_ms), notes))
    })
    .await
}

/// The values of an expression over time.
pub async fn range(outlets: &Outlets, parameters: &Parameters) -> Reply {
    let expr = expression(parameters)?;
    let from_ms = parameters.seconds_ms("start", None)?;
    let to_ms = parameters.seconds_ms("end", None)?;
    let step_ms = parameters.span_ms("step", None)?;
    if to_ms < from_ms {
        return Err(Problem::bad("\"end\" lies before \"start\""));
    }
    if step_ms <= 0 {
        return Err(Problem::bad("\"step\" must be longer than 0"));
    }
    let steps = Steps { from_ms, to_ms, step_ms };
    let memory = recall(outlets, &expr).await?;
    let time_max = time_max(parameters)?;
    evaluated(outlets, move |archive| {
        let (series, notes) = evaluate::over(archive, &memory, &expr, steps, time_max)?;
        Ok(told(json::matrix(&series), notes))
    })
    .await
}

fn told(data: String, notes: Annotations) -> Told {
    Told { data, warnings: notes.warnings.into_iter().collect(), infos: notes.infos.into_iter().collect() }
}

fn expression(parameters: &Parameters) -> Result<Expr, Problem> {
    Expr::parse(parameters.text("query")?).map_err(|error| Problem::bad(format!("\"query\": {error}")))
}

fn time_max(parameters: &Parameters) -> Result<Duration, Problem> {
    let asked = parameters.span_ms("timeout", Some(i64::MAX))?;
    Ok(QUERY_MAX.min(Duration::from_millis(u64::try_from(asked).unwrap_or(0))))
}

async fn recall(outlets: &Outlets, expr: &Expr) -> Result<Excerpt, Problem> {
    let (reply, answer) = oneshot::channel();
    send(outlets, Request::Recall { selectors: expr.selectors().cloned().collect(), reply })?;
    answer.await.map_err(|_| Problem::gone())
}

async fn evaluated(
    outlets: &Outlets,
    work: impl FnOnce(&Archive) -> Result<Told, Refusal> + Send + 'static,
) -> Reply {
    let answer = aside(outlets, work).await?;
    answer.map_err(|refusal| {
        outlets.published.telemetry.history.refused.inc();
        let message = refusal.to_string();
        match refusal {
            Refusal::Fault(Fault::Time(_)) => Problem::timeout(message),
            Refusal::Fault(Fault::Io(_)) => Problem::unavailable(message),
            Refusal::Eval(_) | Refusal::Points | Refusal::Fault(Fault::Samples(_)) => {
                Problem::execution(message)
            }
        }
    })
}

/// Has work done on the thread for queries.
pub async fn aside<T: Send + 'static>(
    outlets: &Outlets,
    work: impl FnOnce(&Archive) -> T + Send + 'static,
) -> Result<T, Problem> {
    let answer = tokio::time::timeout(QUERY_MAX, outlets.desk.ask(work)).await;
    let answer = answer.map_err(|_| Problem::timeout("other queries are in the way; try again"))?;
    answer.ok_or_else(|| Problem::unavailable("too many queries wait, or this one failed; try again"))
}
