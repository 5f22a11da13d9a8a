//! What is wrong with a request, or with us, as both APIs say it.

use super::Response;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

/// What is wrong with a request, or with us.
#[derive(Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// Its kind, in Prometheus' words.
    pub kind: &'static str,
    /// For people.
    pub message: String,
}

/// What a request gives.
pub type Answer = Result<Value, Problem>;

impl Problem {
    /// The request makes no sense.
    pub fn bad(message: impl Into<String>) -> Self {
        Problem { status: StatusCode::BAD_REQUEST, kind: "bad_data", message: message.into() }
    }

    /// What is asked for is not there.
    pub fn not_found(message: impl Into<String>) -> Self {
        Problem { status: StatusCode::NOT_FOUND, kind: "not_found", message: message.into() }
    }

    /// It took longer than it may.
    pub fn timeout(message: impl Into<String>) -> Self {
        Problem { status: StatusCode::SERVICE_UNAVAILABLE, kind: "timeout", message: message.into() }
    }

    /// It cannot be answered now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Problem { status: StatusCode::SERVICE_UNAVAILABLE, kind: "unavailable", message: message.into() }
    }

    /// The expression has no value.
    pub fn execution(message: impl Into<String>) -> Self {
        Problem { status: StatusCode::UNPROCESSABLE_ENTITY, kind: "execution", message: message.into() }
    }

    /// The store has too much to do.
    pub fn busy() -> Self {
        Problem::unavailable("the store is busy; try again")
    }

    /// Nobody answers any more.
    pub fn gone() -> Self {
        Problem::unavailable("hostward is stopping")
    }

    /// As the one who asked is told.
    pub fn answer(&self) -> Response {
        respond(
            self.status,
            json!({ "status": "error", "errorType": self.kind, "error": self.message }).to_string(),
        )
    }
}

/// An answer in JSON.
pub fn respond(status: StatusCode, mut json: String) -> Response {
    json.push('\n');
    let mut response = Response::new(Bytes::from(json).into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
