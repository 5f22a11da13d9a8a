//! Prometheus' HTTP API, as far as it reads: for Grafana, `promtool query` and whoever speaks it.
//!
//! Queries are evaluated over memory and disk on a thread of their own. Nothing here changes anything, so that it may
//! be served on a port.

mod about;
mod ask;
mod json;
mod rules;
mod series;
mod told;

pub use rules::groups;

use super::asked::body;
use super::parameters::Parameters;
use super::problem::{self, Problem};
use super::{Outlets, Response};
use crate::percent::decode;
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::json;
use std::time::Duration;
use told::Reply;

/// What all paths begin with.
pub const PREFIX: &str = "/api/v1/";
/// Bound of a form.
const FORM_BYTES_MAX: usize = 64 << 10;
/// How long a form may take to come.
const FORM_MAX: Duration = Duration::from_secs(5);

/// Whether a path means the same on the command line's socket, which has words of its own for alerts and rules.
pub fn is_shared(path: &str) -> bool {
    let words = words(path);
    !matches!(words.as_slice(), ["alerts" | "rules"]) && is_known(&words)
}

fn words(path: &str) -> Vec<&str> {
    path.strip_prefix(PREFIX).map(|rest| rest.split('/').collect()).unwrap_or_default()
}

fn is_known(words: &[&str]) -> bool {
    takes_forms(words)
        || matches!(
            words,
            ["label", _, "values"] | ["metadata" | "rules" | "alerts"] | ["status", "buildinfo"]
        )
}

fn takes_forms(words: &[&str]) -> bool {
    matches!(words, ["query" | "query_range" | "query_exemplars" | "series" | "labels"])
}

/// Answers a request.
pub async fn answer(outlets: &Outlets, request: hyper::Request<Incoming>) -> Response {
    let path = request.uri().path().to_owned();
    let words = words(&path);
    let is_form = *request.method() == Method::POST && takes_forms(&words);
    if !is_known(&words) {
        return respond(Err(Problem::not_found(format!("there is nothing at {path}"))));
    }
    if !is_form && *request.method() != Method::GET {
        return refuse(if takes_forms(&words) { "GET, POST" } else { "GET" });
    }
    match parameters(request, is_form).await {
        Ok(parameters) => respond(route(outlets, &words, &parameters).await),
        Err(problem) => respond(Err(problem)),
    }
}

/// What stands in the form counts before what stands in the address.
async fn parameters(request: hyper::Request<Incoming>, is_form: bool) -> Result<Parameters, Problem> {
    let query = Parameters::parse(request.uri().query().unwrap_or(""));
    if !is_form {
        return Ok(query);
    }
    let form = tokio::time::timeout(FORM_MAX, body(request.into_body(), FORM_BYTES_MAX)).await;
    let form = form.map_err(|_| Problem::bad("the form did not come in time"))??;
    Ok(Parameters::parse(&String::from_utf8_lossy(&form)).then(query))
}

async fn route(outlets: &Outlets, words: &[&str], parameters: &Parameters) -> Reply {
    match words {
        ["query"] => ask::query(outlets, parameters).await,
        ["query_range"] => ask::range(outlets, parameters).await,
        ["query_exemplars"] => Ok(json!([]).into()),
        ["series"] => series::series(outlets, parameters).await,
        ["labels"] => series::labels(outlets, parameters).await,
        ["label", name, "values"] => series::values(outlets, &decode(name), parameters).await,
        ["metadata"] => about::metadata(outlets, parameters),
        ["rules"] => Ok(json!({ "groups": groups(outlets, parameters) }).into()),
        ["alerts"] => Ok(json!({ "alerts": rules::alerts(outlets) }).into()),
        _ => Ok(about::build(outlets).into()),
    }
}

fn respond(reply: Reply) -> Response {
    match reply {
        Ok(told) => problem::respond(StatusCode::OK, told.text()),
        Err(problem) => problem.answer(),
    }
}

fn refuse(methods: &'static str) -> Response {
    let problem =
        Problem { status: StatusCode::METHOD_NOT_ALLOWED, ..Problem::bad(format!("only {methods}")) };
    let mut response = respond(Err(problem));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_is_known() {
        for path in
            ["query", "query_range", "series", "labels", "label/job/values", "status/buildinfo", "metadata"]
        {
            assert!(is_shared(&format!("/api/v1/{path}")), "{path}");
        }
        for path in ["rules", "alerts"] {
            assert!(is_known(&[path]) && !is_shared(&format!("/api/v1/{path}")), "{path}");
        }
        let changes =
            ["alerts/x/acknowledge", "detectors", "baseline/accept", "outbox", "status", "audit", ""];
        for path in changes {
            assert!(!is_known(&path.split('/').collect::<Vec<_>>()), "{path}");
        }
    }
}
