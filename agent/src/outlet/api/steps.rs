//! People want a fix in the outbox, and they and `hostward apply` take it a step further.

use super::caller::Caller;
use crate::clock;
use crate::mend::Wanted;
use crate::outbox::{Answered, Asked, Stage, Step};
use crate::outlet::Outlets;
use crate::outlet::asked::{body, send};
use crate::outlet::problem::{Answer, Problem};
use crate::request::Request;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use tokio::sync::oneshot;

const BODY_BYTES_MAX: usize = 16 << 10;
/// Bound of a comment.
const COMMENT_CHARS_MAX: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    stage: Stage,
    sha256: String,
    #[serde(default)]
    comment: String,
    diff_sha256: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    fix: String,
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// What it answers, in a word.
    answers: String,
    /// Id of the finding that it answers.
    #[serde(default)]
    finding: String,
    /// What was seen of it.
    #[serde(default)]
    saw: String,
    /// What was found, for the head of the script.
    #[serde(default)]
    about: Vec<(String, String)>,
}

/// Renders a fix here, from what the catalogue has: no text of the caller's becomes a script.
pub async fn want(outlets: &Outlets, caller: &Caller, content: Incoming) -> Answer {
    let bytes = body(content, BODY_BYTES_MAX).await?;
    let Wish { fix, values, answers, finding, saw, about } =
        serde_json::from_slice(&bytes).map_err(|error| Problem::bad(error.to_string()))?;
    let saw = saw.chars().take(COMMENT_CHARS_MAX).collect();
    let (alert, at_ms) = (String::new(), clock::now().wall_ms);
    let answers = Answered { alert, name: answers, at_ms, finding, saw };
    let wanted = Wanted { fix, values, answers, by: caller.name().await, about };
    let (reply, answer) = oneshot::channel();
    send(outlets, Request::Want { wanted, reply })?;
    let artifact = answer.await.map_err(|_| Problem::gone())?.map_err(Problem::bad)?;
    Ok(json!({ "artifact": artifact }))
}

/// Takes the step; who took it is on disk before it counts.
pub async fn take(outlets: &Outlets, caller: &Caller, id: String, content: Incoming) -> Answer {
    let bytes = body(content, BODY_BYTES_MAX).await?;
    let body: Body = serde_json::from_slice(&bytes).map_err(|error| Problem::bad(error.to_string()))?;
    let step = Step {
        stage: body.stage,
        at_ms: clock::now().wall_ms,
        by: caller.name().await,
        comment: body.comment.chars().take(COMMENT_CHARS_MAX).collect(),
        sha256: body.sha256,
        diff_sha256: body.diff_sha256,
    };
    let (reply, answer) = oneshot::channel();
    let asked = Asked { id, step, four_eyes: false };
    send(outlets, Request::Step { asked, by_root: caller.is_root(), reply })?;
    let artifact = answer.await.map_err(|_| Problem::gone())?.map_err(Problem::bad)?;
    Ok(json!({ "artifact": artifact }))
}
