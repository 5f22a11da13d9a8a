//! Alerts that somebody has seen.

use super::caller::Caller;
use crate::clock;
use crate::config::Span;
use crate::outlet::Outlets;
use crate::outlet::asked::{object_of, send};
use crate::outlet::problem::{Answer, Problem};
use crate::request::{Refused, Request};
use hostward_engine::Acknowledgement;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

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
    match answer.await.map_err(|_| Problem::gone())? {
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
