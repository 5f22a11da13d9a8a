//! What was learnt of series, and what people say of it.

use super::caller::Caller;
use super::shape;
use crate::clock;
use crate::outlet::Outlets;
use crate::outlet::asked::{send, text_of};
use crate::outlet::parameters::Parameters;
use crate::outlet::problem::{Answer, Problem};
use crate::request::Request;
use crate::state::Entry;
use hostward_engine::{Amend, Course};
use hyper::body::Incoming;
use serde_json::json;
use tokio::sync::oneshot;

/// Name and labels of a series can be long, though not this long.
const SERIES_BYTES_MAX: usize = 8 << 10;
/// How far back a course goes unless asked otherwise, in seconds.
const BACK_SECONDS: i64 = 6 * 3600;

/// What was learnt of the series that hold `match`.
pub async fn list(outlets: &Outlets, parameters: &Parameters) -> Answer {
    let (reply, answer) = oneshot::channel();
    let part = parameters.text("match").unwrap_or_default().to_owned();
    send(outlets, Request::Baselines { part, reply })?;
    let learnt = answer.await.map_err(|_| Problem::gone())?;
    Ok(json!({ "baselines": learnt.iter().map(shape::learnt).collect::<Vec<_>>() }))
}

/// One series over the last hours.
pub async fn show(outlets: &Outlets, parameters: &Parameters) -> Answer {
    let back_ms = parameters.seconds_ms("back", Some(BACK_SECONDS * 1000))?;
    let course = course(outlets, parameters.text("series")?, back_ms).await?;
    Ok(shape::course(&course))
}

async fn course(outlets: &Outlets, series: &str, back_ms: i64) -> Result<Course, Problem> {
    if series.len() > SERIES_BYTES_MAX {
        return Err(Problem::bad(format!("the series is longer than {SERIES_BYTES_MAX} bytes")));
    }
    let (reply, answer) = oneshot::channel();
    send(outlets, Request::Course { series: series.to_owned(), back_ms, reply })?;
    answer.await.map_err(|_| Problem::gone())?.map_err(Problem::not_found)
}

/// Accepts a series as it is, or has it learnt anew. Who said so is on disk before it is done.
pub async fn amend(outlets: &Outlets, caller: &Caller, amend: Amend, body: Incoming) -> Answer {
    let series = text_of(body, "series").await?.ok_or_else(|| Problem::bad("the body names no series"))?;
    let series = course(outlets, &series, 0).await?.learnt.series.to_string();
    let by = caller.name().await;
    let verb = format!("baseline {}", amend.as_str());
    let entry = Entry {
        at_ms: clock::now().wall_ms,
        by: by.clone(),
        verb,
        object: series.clone(),
        reason: String::new(),
    };
    let written = outlets.recorder.ask(move |store| store.audit(&entry)).await;
    let written = written.ok_or_else(Problem::busy)?;
    written.map_err(|error| Problem::unavailable(format!("not done, for it cannot be noted: {error}")))?;
    let (reply, answer) = oneshot::channel();
    send(outlets, Request::Amend { series: series.clone(), amend, reply })?;
    answer.await.map_err(|_| Problem::gone())?;
    Ok(json!({ "series": series, "by": by }))
}
