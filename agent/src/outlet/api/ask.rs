//! Requests that only the loop can answer.

use super::{Answer, Caller, Problem};
use crate::clock;
use crate::config::Span;
use crate::outlet::Outlets;
use crate::request::{Refused, Request};
use hostward_engine::Acknowledgement;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Bound of a request's body.
const BODY_BYTES_MAX: usize = 16 << 10;
/// Bound of a comment.
const COMMENT_CHARS_MAX: usize = 1000;

/// Notes that the caller has seen an alert; the answer comes when that is on disk.
pub async fn acknowledge(outlets: &Outlets, caller: &Caller, alert: String, body: Incoming) -> Answer {
    let Seen { comment, r#for } = object_of(body).await?;
    let by = caller.name().await;
    let at_ms = clock::now().wall_ms;
    let span = r#for.map(|text| text.parse::<Span>()).transpose().map_err(Problem::bad)?;
    let until_ms = span.map(|span| at_ms.saturating_add(i64::try_from(span.ms()).unwrap_or(i64::MAX)));
    let comment = comment.chars().take(COMMENT_CHARS_MAX).collect();
    let acknowledgement = Acknowledgement { alert: alert.clone(), by: by.clone(), comment, at_ms, until_ms };
    let (reply, answer) = oneshot::channel();
    send(outlets, Request::Acknowledge { acknowledgement, reply })?;
    match answer.await.map_err(|_| gone())? {
        Ok(()) => Ok(json!({ "alert": alert, "by": by })),
        Err(Refused::Unknown) => Err(Problem::not_found(format!("no alert {alert} is pending or firing"))),
        Err(Refused::NotWritten(error)) => {
            Err(Problem::unavailable(format!("taken, but not on disk yet ({error}); that is tried again")))
        }
    }
}

/// What is said of an alert that was seen.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Seen {
    comment: String,
    /// For how long; until it resolves unless given.
    r#for: Option<String>,
}

/// A request's body, which is a JSON object or empty.
pub async fn object_of<T: DeserializeOwned + Default>(content: Incoming) -> Result<T, Problem> {
    let bytes = body(content, BODY_BYTES_MAX).await?;
    if bytes.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(&bytes).map_err(|error| Problem::bad(error.to_string()))
}

/// A text in a request's body.
pub async fn text_of(content: Incoming, name: &str) -> Result<Option<String>, Problem> {
    let body: Value = object_of(content).await?;
    Ok(body.get(name).and_then(Value::as_str).map(str::to_owned))
}

/// What a request brings along.
pub async fn body(content: Incoming, bytes_max: usize) -> Result<Bytes, Problem> {
    let read = Limited::new(content, bytes_max).collect().await;
    Ok(read.map_err(|error| Problem::bad(format!("the body cannot be read: {error}")))?.to_bytes())
}

/// Hands a question to the loop.
pub fn send(outlets: &Outlets, request: Request) -> Result<(), Problem> {
    outlets.requests.try_send(request).map_err(|_| Problem::unavailable("too many requests wait; try again"))
}

/// Nobody answers any more.
pub fn gone() -> Problem {
    Problem::unavailable("hostward is stopping")
}
