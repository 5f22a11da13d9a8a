//! Detectors that people named. The daemon keeps them, because it holds the database; they are trained and run by the command line.

use crate::clock;
use crate::outlet::Outlets;
use crate::outlet::asked::body;
use crate::outlet::problem::{Answer, Problem};
use crate::state::{DETECTOR_BYTES_MAX, KeepError, NamedDetector, Store};
use hyper::body::Incoming;
use serde_json::json;

/// All of them.
pub async fn list(outlets: &Outlets) -> Answer {
    let all = ask(outlets, |store| store.detectors().map_err(KeepError::from)).await?;
    Ok(json!({ "detectors": all }))
}

/// One of them.
pub async fn get(outlets: &Outlets, name: String) -> Answer {
    ask(outlets, move |store| store.detector(&name)).await.map(|own| json!(own))
}

/// Keeps a new one, or one in place of another.
pub async fn put(outlets: &Outlets, content: Incoming, is_new: bool) -> Answer {
    // The bound of what is kept is checked where it is kept; this one is for the blanks between it.
    let bytes = body(content, 2 * DETECTOR_BYTES_MAX).await?;
    let own: NamedDetector =
        serde_json::from_slice(&bytes).map_err(|error| Problem::bad(error.to_string()))?;
    let name = own.name.clone();
    ask(outlets, move |store| store.put_detector(&own, is_new, clock::now().wall_ms)).await?;
    Ok(json!({ "name": name }))
}

/// Forgets one.
pub async fn remove(outlets: &Outlets, name: String) -> Answer {
    let gone = name.clone();
    ask(outlets, move |store| store.remove_detector(&gone)).await?;
    Ok(json!({ "name": name }))
}

async fn ask<T: Send + 'static>(
    outlets: &Outlets,
    work: impl FnOnce(&mut Store) -> Result<T, KeepError> + Send + 'static,
) -> Result<T, Problem> {
    let answer = outlets.recorder.ask(work).await.ok_or_else(Problem::busy)?;
    answer.map_err(|error| match &error {
        KeepError::Unknown(_) => Problem::not_found(error.to_string()),
        KeepError::Exists(_) | KeepError::Refused(_) => Problem::bad(error.to_string()),
        KeepError::Store(_) => Problem::unavailable(error.to_string()),
    })
}
