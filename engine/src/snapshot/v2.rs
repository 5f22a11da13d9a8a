//! Format 2, of hostward 0.1 before it kept what rules had recorded.

use super::{Parts, Restored, SnapshotError, decoded};
use crate::engine::Memory;
use crate::series::SavedHistory;
use serde::Deserialize;

#[derive(Deserialize)]
struct PartsV2 {
    memory: Memory,
    baselines_version: u16,
    baselines: Vec<u8>,
    history: Option<SavedHistory>,
}

/// Reads the body of a snapshot.
pub fn read(body: &[u8]) -> Result<Restored, SnapshotError> {
    let PartsV2 { memory, baselines_version, baselines, history } = decoded(body)?;
    Ok(Parts { memory, baselines_version, baselines, history, recorded: None })
}
