//! A script of the outbox, and what is known of it.

use crate::cli::{Common, Failure, daemon};
use crate::outbox::Artifact;
use crate::state::Place;
use std::path::PathBuf;

/// The daemon's answer, or else the files of the outbox: a change must not need the daemon.
pub fn fetch(common: &Common, id: &str) -> Result<(Artifact, String), Failure> {
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_id {
        return Err(Failure::Usage(format!("{id:?} is no id; see hostward outbox list")));
    }
    if !daemon::is_there(common)? {
        return read(common, id);
    }
    let mut answer = daemon::get(common, &format!("outbox/{id}"))?;
    let script = answer["script"].as_str().unwrap_or_default().to_owned();
    let artifact = serde_json::from_value(answer["artifact"].take());
    Ok((artifact.map_err(|error| Failure::Failed(format!("{id}: {error}")))?, script))
}

/// From the files of the outbox.
fn read(common: &Common, id: &str) -> Result<(Artifact, String), Failure> {
    let place = Place::choose(common.state_dir.as_deref());
    let place = place.map_err(|error| Failure::Usage(error.to_string()))?;
    let file = |ending: &str| place.dir.join("outbox").join(format!("{id}.{ending}"));
    let text = |path: PathBuf| {
        std::fs::read_to_string(&path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
    };
    let artifact = serde_json::from_str(&text(file("json"))?);
    Ok((artifact.map_err(|error| Failure::Failed(format!("{id}: {error}")))?, text(file("sh"))?))
}
