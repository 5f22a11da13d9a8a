//! The engine as bytes: `HWSN`, version, CRC-32 of the rest, then the state (postcard).

use crate::engine::{Engine, Memory};
use crate::port::{Scope, Settings};
use crate::series::SavedHistory;
use std::fmt;

const MAGIC: &[u8; 4] = b"HWSN";
const VERSION: u16 = 2;
const HEAD: usize = 10;

/// Why a snapshot cannot be used. The caller sets it aside and starts fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// It does not begin like a snapshot, or ends too early.
    NotASnapshot,
    /// It was written in a format that this version does not read.
    Version(u16),
    /// Its bytes are not the ones that were written.
    Damaged(String),
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::NotASnapshot => f.write_str("not a snapshot"),
            SnapshotError::Version(version) => {
                write!(f, "snapshot format {version}, this version reads {VERSION}")
            }
            SnapshotError::Damaged(how) => write!(f, "damaged snapshot: {how}"),
        }
    }
}

impl std::error::Error for SnapshotError {}

impl Engine {
    /// The state as bytes.
    pub fn save(&self, scope: Scope) -> Vec<u8> {
        let memory = &self.memory;
        let saved = (memory, (scope == Scope::Whole).then(|| memory.table.history()));
        // Serialising plain structs into memory has no way to fail; an empty body would be refused at restore.
        let body = postcard::to_stdvec(&saved).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEAD + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// An engine that goes on where a snapshot was taken. Rules are not in it and must be given again.
    pub fn restore(settings: Settings, bytes: &[u8]) -> Result<Self, SnapshotError> {
        let (mut memory, history): (Memory, Option<SavedHistory>) =
            postcard::from_bytes(body(bytes)?).map_err(|error| SnapshotError::Damaged(error.to_string()))?;
        if !memory.table.is_sound() {
            return Err(SnapshotError::Damaged("an index points nowhere".to_owned()));
        }
        memory.set_history(history);
        Ok(Engine::with_memory(settings, memory))
    }
}

fn body(bytes: &[u8]) -> Result<&[u8], SnapshotError> {
    let (head, body) = bytes.split_at_checked(HEAD).ok_or(SnapshotError::NotASnapshot)?;
    let (magic, rest) = head.split_at(4);
    let (version, crc) = rest.split_at(2);
    if magic != MAGIC {
        return Err(SnapshotError::NotASnapshot);
    }
    let version = version.iter().rev().fold(0, |value, byte| value << 8 | u16::from(*byte));
    if version != VERSION {
        return Err(SnapshotError::Version(version));
    }
    if crc != crc32fast::hash(body).to_le_bytes() {
        return Err(SnapshotError::Damaged("checksum differs".to_owned()));
    }
    Ok(body)
}
