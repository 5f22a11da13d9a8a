//! Format 2, of hostward 0.1 before it kept what rules had recorded.

use super::v4::MemoryV4;
use super::{Parts, Restored, SnapshotError, decoded};
use crate::series::SavedHistory;
use serde::Deserialize;

#[derive(Deserialize)]
struct PartsV2 {
    memory: MemoryV4,
    baselines_version: u16,
    baselines: Vec<u8>,
    history: Option<SavedHistory>,
}

/// Reads the body of a snapshot.
pub fn read(body: &[u8]) -> Result<Restored, SnapshotError> {
    let PartsV2 { memory, baselines_version, baselines, history } = decoded(body)?;
    Ok(Parts { memory: memory.into(), baselines_version, baselines, history, recorded: None })
}
