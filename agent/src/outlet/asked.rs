//! What a request brings along, and the loop that is asked.

use super::Outlets;
use super::problem::Problem;
use crate::request::Request;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Bound of a request's body.
const BODY_BYTES_MAX: usize = 16 << 10;

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
