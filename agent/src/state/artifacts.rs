//! The metadata of what lies in the outbox.

use super::fault::StoreError;
use super::json;
use super::rows::{self, ARTIFACTS};
use super::store::Store;
use crate::outbox::Artifact;
use rusqlite::types::Value;

impl Store {
    /// Writes an artifact's metadata in place of what was there under its id.
    pub fn put_artifact(&mut self, artifact: &Artifact) -> Result<(), StoreError> {
        let (id, text) = (Value::Text(artifact.id.clone()), Value::Text(json::write(artifact)?));
        Ok(rows::put(&self.db, ARTIFACTS, &id, artifact.created_ms, text)?)
    }

    /// Every artifact, the newest first.
    pub fn artifacts(&self) -> Result<Vec<Artifact>, StoreError> {
        let records = rows::latest(&self.db, ARTIFACTS, usize::MAX)?;
        records.iter().map(|text| json::read_of(ARTIFACTS, text)).collect()
    }

    /// One artifact by its id.
    pub fn artifact(&self, id: &str) -> Result<Option<Artifact>, StoreError> {
        let text = rows::get(&self.db, ARTIFACTS, &Value::Text(id.to_owned()))?;
        text.map(|text| json::read_of(ARTIFACTS, &text)).transpose()
    }

    /// Forgets an artifact whose files are gone.
    pub fn remove_artifact(&mut self, id: &str) -> Result<(), StoreError> {
        Ok(rows::remove(&self.db, ARTIFACTS, &id)?)
    }
}
