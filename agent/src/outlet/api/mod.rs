//! The API on the unix socket: JSON, in the shape of Prometheus' own where it has one.

mod acknowledge;
mod baselines;
mod caller;
mod detectors;
mod read;
mod shape;
mod steps;
mod telling;
mod workflows;

pub use caller::Caller;

use super::parameters::Parameters;
use super::problem::{Answer, Problem, respond};
use super::{Outlets, Response, prometheus};
use hostward_engine::Amend;
use hyper::body::Incoming;
use hyper::{Method, StatusCode};
use serde_json::json;
use std::sync::Arc;

/// Answers a request.
pub async fn answer(outlets: Arc<Outlets>, caller: Caller, request: hyper::Request<Incoming>) -> Response {
    if prometheus::is_shared(request.uri().path()) {
        return prometheus::answer(&outlets, request).await;
    }
    match route(&outlets, &caller, request).await {
        Ok(data) => respond(StatusCode::OK, json!({ "status": "success", "data": data }).to_string()),
        Err(problem) => problem.answer(),
    }
}

async fn route(outlets: &Outlets, caller: &Caller, request: hyper::Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let Some(path) = path.strip_prefix("/api/v1/") else { return Err(unknown(&path)) };
    let words: Vec<&str> = path.split('/').collect();
    let parameters = Parameters::parse(request.uri().query().unwrap_or(""));
    match (request.method(), words.as_slice()) {
        (&Method::GET, ["status"]) => Ok(read::status(outlets)),
        (&Method::GET, ["alerts"]) => Ok(read::alerts(outlets).await),
        (&Method::GET, ["alerts", id, "together"]) => read::together(outlets, id),
        (&Method::POST, ["alerts", id, "acknowledge"]) => {
            let id = (*id).to_owned();
            acknowledge::acknowledge(outlets, caller, id, request.into_body()).await
        }
        (&Method::GET, ["alerts", id, "evidence"]) => read::evidence(outlets, id),
        (&Method::GET, ["detectors"]) => detectors::list(outlets).await,
        (&Method::POST, ["detectors"]) => detectors::put(outlets, request.into_body(), true).await,
        (&Method::PUT, ["detectors"]) => detectors::put(outlets, request.into_body(), false).await,
        (&Method::GET, ["detectors", name]) => detectors::get(outlets, (*name).to_owned()).await,
        (&Method::DELETE, ["detectors", name]) => detectors::remove(outlets, (*name).to_owned()).await,
        (&Method::GET, ["incidents"]) => Ok(read::incidents(outlets)),
        (&Method::GET, ["baselines"]) => baselines::list(outlets, &parameters).await,
        (&Method::GET, ["baseline"]) => baselines::show(outlets, &parameters).await,
        (&Method::POST, ["baseline", verb @ ("accept" | "reset")]) => {
            let amend = if *verb == "accept" { Amend::Accept } else { Amend::Reset };
            baselines::amend(outlets, caller, amend, request.into_body()).await
        }
        (&Method::GET, ["audit-log"]) => read::audit(outlets).await,
        (&Method::GET, ["audit-log", "verify"]) => read::audit_chain(outlets).await,
        (&Method::GET, ["events"]) => workflows::events(outlets, &parameters).await,
        (&Method::GET, ["workflows"]) => workflows::list(outlets).await,
        (&Method::GET, ["workflows", id]) => workflows::show(outlets, id).await,
        (&Method::POST, ["workflows"]) => workflows::start(outlets, caller, request.into_body()).await,
        (&Method::POST, ["workflows", id, "cancel"]) => {
            workflows::cancel(outlets, caller, (*id).to_owned(), request.into_body()).await
        }
        (&Method::GET, ["silences"]) => telling::silences(outlets).await,
        (&Method::POST, ["silences"]) => telling::silence(outlets, caller, request.into_body()).await,
        (&Method::DELETE, ["silences", id]) => telling::expire(outlets, caller, (*id).to_owned()).await,
        (&Method::GET, ["notifications"]) => telling::deliveries(outlets).await,
        (&Method::POST, ["notifications", "test"]) => telling::test(outlets, request.into_body()).await,
        (&Method::GET, ["rules"]) => Ok(read::rules(outlets)),
        (&Method::GET, ["probes"]) => Ok(read::probes(outlets)),
        (&Method::GET, ["plugins"]) => Ok(read::plugins(outlets)),
        (&Method::GET, ["outbox"]) => read::outbox(outlets).await,
        (&Method::GET, ["outbox", id]) => read::artifact(outlets, (*id).to_owned()).await,
        (&Method::POST, ["outbox"]) => steps::want(outlets, caller, request.into_body()).await,
        (&Method::POST, ["outbox", id, "step"]) => {
            steps::take(outlets, caller, (*id).to_owned(), request.into_body()).await
        }
        (&Method::GET, ["transitions"]) => read::transitions(outlets, &parameters).await,
        _ => Err(unknown(path)),
    }
}

fn unknown(path: &str) -> Problem {
    Problem::not_found(format!("there is nothing at {path} for this method"))
}
