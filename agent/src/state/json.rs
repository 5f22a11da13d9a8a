//! Records as JSON.

use super::fault::StoreError;
use super::rows::Table;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A record as text.
pub fn write<T: Serialize>(own: &T) -> Result<String, StoreError> {
    serde_json::to_string(own).map_err(|error| StoreError::Record(error.to_string()))
}

/// A record from its text.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

/// A record of a table; one that is not understood is told of with the table's name.
pub fn read_of<T: DeserializeOwned>(table: Table, text: &[u8]) -> Result<T, StoreError> {
    read(text).map_err(|error| StoreError::Record(format!("hostward.db: {}: {error}", table.0)))
}

/// Whether a record can be understood.
pub fn check<T: DeserializeOwned>(text: &[u8]) -> Result<(), String> {
    read::<T>(text).map(drop)
}
