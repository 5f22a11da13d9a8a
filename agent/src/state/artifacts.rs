//! The metadata of what lies in the outbox.

use super::fault::StoreError;
use super::rows::{self, ARTIFACTS};
use super::store::Store;
use crate::outbox::Artifact;
use rusqlite::types::Value;

impl Store {
    /// Writes an artifact's metadata in place of what was there under its id.
    pub fn put_artifact(&mut self, artifact: &Artifact) -> Result<(), StoreError> {
        let text = serde_json::to_string(artifact).map_err(|error| StoreError::Record(error.to_string()))?;
        let id = Value::Text(artifact.id.clone());
        Ok(rows::put(&self.db, ARTIFACTS, &id, artifact.created_ms, Value::Text(text))?)
    }

    /// Every artifact, the newest first.
    pub fn artifacts(&self) -> Result<Vec<Artifact>, StoreError> {
        rows::latest(&self.db, ARTIFACTS, usize::MAX)?.iter().map(|text| decoded(text)).collect()
    }

    /// One artifact by its id.
    pub fn artifact(&self, id: &str) -> Result<Option<Artifact>, StoreError> {
        let text = rows::get(&self.db, ARTIFACTS, &Value::Text(id.to_owned()))?;
        text.map(|text| decoded(&text)).transpose()
    }

    /// Forgets an artifact whose files are gone.
    pub fn remove_artifact(&mut self, id: &str) -> Result<(), StoreError> {
        Ok(rows::remove(&self.db, ARTIFACTS, &id)?)
    }
}

/// From JSON.
pub(super) fn decode(text: &[u8]) -> Result<Artifact, String> {
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

fn decoded(text: &[u8]) -> Result<Artifact, StoreError> {
    decode(text).map_err(|error| StoreError::Record(format!("hostward.db: artifacts: {error}")))
}
