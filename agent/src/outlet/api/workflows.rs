//! Workflows: what there is, what is under way, and what happens, as it happens.

use super::caller::Caller;
use crate::catalogue;
use crate::outlet::Outlets;
use crate::outlet::asked::{object_of, send, text_of};
use crate::outlet::parameters::Parameters;
use crate::outlet::problem::{Answer, Problem};
use crate::request::{Order, Request};
use hostward_harden::workflow::{Run, Workflow};
use hostward_model::time;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Events that are given at once.
const EVENTS_MAX: usize = 1000;
/// Events of before, for those who ask for the first time.
const EVENTS_BEFORE: i64 = 100;
/// The longest wait for the next event; whoever asks asks again.
const WAIT_MS_MAX: i64 = 20_000;
const POLL: Duration = Duration::from_millis(250);

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wish {
    workflow: String,
    inputs: BTreeMap<String, String>,
}

/// What can be started, and what was.
pub async fn list(outlets: &Outlets) -> Answer {
    let all = catalogue::workflows(Path::new(catalogue::DIRECTORY)).map_err(Problem::unavailable)?;
    let shaped = |own: &Workflow| json!({ "name": own.name, "title": own.title, "inputs": own.inputs, "steps": own.steps.len() });
    let workflows: Vec<_> = all.iter().map(shaped).collect();
    Ok(json!({ "workflows": workflows, "runs": runs(outlets).await?.iter().map(brief).collect::<Vec<_>>() }))
}

/// One run, with each of its steps.
pub async fn show(outlets: &Outlets, id: &str) -> Answer {
    let all = runs(outlets).await?;
    let run = all.iter().find(|own| own.id == id);
    let run =
        run.ok_or_else(|| Problem::not_found(format!("no run is called {id}; see hostward workflow list")))?;
    let mut shaped = brief(run);
    let step = |(step, own): (&hostward_harden::workflow::Step, &hostward_harden::workflow::Progress)| {
        let after: Vec<_> = step.after.iter().map(|place| &run.workflow.steps[*place].id).collect();
        json!({ "id": step.id, "do": step.call.verb, "after": after, "standing": own.standing,
                "attempt": own.attempt, "gave": own.gave, "said": own.said })
    };
    shaped["inputs"] = json!(run.inputs);
    shaped["steps"] = run.workflow.steps.iter().zip(&run.steps).map(step).collect();
    Ok(shaped)
}

/// Starts one; root's to do, for it may run scripts that look and read files.
pub async fn start(outlets: &Outlets, caller: &Caller, body: Incoming) -> Answer {
    let Wish { workflow, inputs } = object_of(body).await?;
    let by = root(caller).await?;
    let (reply, answer) = oneshot::channel();
    send(outlets, Request::Workflow(Order::Start { name: workflow, inputs, by, reply }))?;
    Ok(brief(&answer.await.map_err(|_| Problem::gone())?.map_err(Problem::bad)?))
}

/// Ends one; what it did is taken back.
pub async fn cancel(outlets: &Outlets, caller: &Caller, id: String, body: Incoming) -> Answer {
    let comment = text_of(body, "comment").await?.unwrap_or_default();
    let why = format!("{}: {comment}", root(caller).await?);
    let (reply, answer) = oneshot::channel();
    send(outlets, Request::Workflow(Order::Cancel { id, why, reply }))?;
    Ok(brief(&answer.await.map_err(|_| Problem::gone())?.map_err(Problem::bad)?))
}

/// What happened after an event: entries of the audit log. With `wait`, until there is one.
pub async fn events(outlets: &Outlets, parameters: &Parameters) -> Answer {
    let wait_ms = parameters.seconds_ms("wait", Some(0))?.clamp(0, WAIT_MS_MAX);
    let until = Instant::now() + Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
    let after = parameters.get("after").map(str::parse::<i64>).transpose();
    let after = after.map_err(|_| Problem::bad("\"after\" is no number"))?;
    loop {
        let work = move |store: &mut crate::state::Store| {
            let after = after.map_or_else(|| store.audit_before(EVENTS_BEFORE), Ok)?;
            Ok((after, store.audits_after(after, EVENTS_MAX)?))
        };
        let found = outlets.recorder.ask(work).await.ok_or_else(Problem::busy)?;
        let (after, all) =
            found.map_err(|error: crate::state::StoreError| Problem::unavailable(error.to_string()))?;
        if !all.is_empty() || Instant::now() >= until {
            let last = all.last().map_or(after, |(number, _)| *number);
            let event = |(number, own): &(i64, crate::state::Entry)| {
                json!({ "number": number, "at": time::rfc3339(own.at_ms), "by": own.by, "what": own.verb,
                        "object": own.object, "said": own.reason })
            };
            return Ok(json!({ "events": all.iter().map(event).collect::<Vec<_>>(), "last": last }));
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn root(caller: &Caller) -> Result<String, Problem> {
    let name = caller.name().await;
    if caller.is_root() {
        Ok(name)
    } else {
        Err(Problem::bad(format!("only root may do that; you are {name}")))
    }
}

async fn runs(outlets: &Outlets) -> Result<Vec<Run>, Problem> {
    let runs = outlets.recorder.ask(|store| store.runs()).await.ok_or_else(Problem::busy)?;
    runs.map_err(|error| Problem::unavailable(error.to_string()))
}

fn brief(run: &Run) -> Value {
    json!({ "id": run.id, "workflow": run.workflow.name, "phase": run.phase, "why": run.why, "by": run.by,
            "started": time::rfc3339(run.started_ms), "ended": run.ended_ms.map(time::rfc3339) })
}
