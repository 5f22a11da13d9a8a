//! The engine as bytes: `HWSN`, version, CRC-32 of the rest, then parts (postcard), each with its own version.
//!
//! What was learnt of each series is a part of its own: when the mathematics change, only that is learnt anew, and
//! series, alerts, incidents and history are kept.

mod learnt;
mod v1;
mod v2;
mod v4;

pub use learnt::{restore_detector, save_detector};

use crate::anomaly::{Detector, DetectorV1};
use crate::engine::{Engine, Memory};
use crate::lifecycle::Recorded;
use crate::port::{Scope, Settings};
use crate::series::SavedHistory;
use serde::{Deserialize, Serialize};
use std::fmt;
use v4::MemoryV4;

const MAGIC: &[u8; 4] = b"HWSN";
const VERSION: u16 = 5;
/// Up to this format incidents were counted from another score on.
const OTHER_SCORES: u16 = 3;
const HEAD: usize = 10;
/// About as much takes what is learnt of a series.
const BASELINE_BYTES: usize = 1024;
/// Goes up when what is learnt of a series has another form.
const BASELINES_VERSION: u16 = 2;
/// The form before weeks and spells were known.
const WITHOUT_WEEKS: u16 = 1;

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
                write!(f, "snapshot format {version}, this version reads 1 to {VERSION}")
            }
            SnapshotError::Damaged(how) => write!(f, "damaged snapshot: {how}"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// The parts, as [`Engine::save`] writes them one after the other.
#[derive(Deserialize)]
struct Parts<M, H, R> {
    memory: M,
    baselines_version: u16,
    /// One for each series, on its own so that it can be left unread.
    baselines: Vec<u8>,
    history: Option<H>,
    /// What rules recorded; it goes with the history.
    recorded: Option<R>,
}

impl<H, R> From<Parts<MemoryV4, H, R>> for Parts<Memory, H, R> {
    fn from(old: Parts<MemoryV4, H, R>) -> Self {
        let Parts { memory, baselines_version, baselines, history, recorded } = old;
        Parts { memory: memory.into(), baselines_version, baselines, history, recorded }
    }
}

impl Engine {
    /// The state as bytes.
    pub fn save(&self, scope: Scope) -> Vec<u8> {
        let memory = &self.memory;
        let history = (scope == Scope::Whole).then(|| memory.table.history());
        let recorded = (scope == Scope::Whole).then(|| memory.lifecycle.recorded());
        let room = BASELINE_BYTES * memory.table.slots() as usize;
        let mut baselines = Vec::with_capacity(room);
        let mut bytes = Vec::with_capacity(room + room / 2);
        bytes.extend_from_slice(&[0; HEAD]);
        append(&mut baselines, &memory.table.baselines());
        append(&mut bytes, &(memory, BASELINES_VERSION, baselines.len()));
        bytes.extend_from_slice(&baselines);
        append(&mut bytes, &(history, recorded));
        sealed(VERSION, bytes)
    }

    /// An engine that goes on where a snapshot was taken. Rules are not in it and must be given again.
    ///
    /// Baselines of another form begin anew: see [`Engine::is_learning_anew`].
    pub fn restore(settings: Settings, bytes: &[u8]) -> Result<Self, SnapshotError> {
        let (version, body) = opened(bytes)?;
        let parts = match version {
            1 => v1::read(body)?,
            2 => v2::read(body)?,
            3 | 4 => decoded::<Parts<MemoryV4, SavedHistory, Recorded>>(body)?.into(),
            _ => decoded(body)?,
        };
        let Parts { mut memory, baselines_version, baselines, history, recorded } = parts;
        if !memory.table.is_sound() {
            return Err(SnapshotError::Damaged("an index points nowhere".to_owned()));
        }
        if version <= OTHER_SCORES {
            memory.watch.budget.forget();
        }
        let detectors: Option<Vec<Detector>> = match baselines_version {
            BASELINES_VERSION => Some(decoded(&baselines)?),
            WITHOUT_WEEKS => {
                Some(decoded::<Vec<DetectorV1>>(&baselines)?.into_iter().map(Detector::from).collect())
            }
            _ => None,
        };
        let learns_anew = detectors.is_none();
        memory.table.set_baselines(detectors.unwrap_or_default());
        memory.set_history(history);
        memory.lifecycle.set_recorded(recorded.unwrap_or_default());
        let mut engine = Engine::with_memory(settings, memory);
        engine.learns_anew = learns_anew;
        Ok(engine)
    }
}

/// Appends a value. Serialising plain structs into memory has no way to fail; half of a body is refused at restore.
fn append(bytes: &mut Vec<u8>, value: &impl Serialize) {
    let _ = postcard::to_io(value, bytes);
}

/// Fills in the head, for which there is room before the body.
fn sealed(version: u16, mut bytes: Vec<u8>) -> Vec<u8> {
    let crc = crc32fast::hash(&bytes[HEAD..]);
    let head = [&MAGIC[..], &version.to_le_bytes(), &crc.to_le_bytes()].concat();
    bytes[..HEAD].copy_from_slice(&head);
    bytes
}

/// Version and body of a snapshot whose bytes are as they were written.
fn opened(bytes: &[u8]) -> Result<(u16, &[u8]), SnapshotError> {
    let (head, body) = bytes.split_at_checked(HEAD).ok_or(SnapshotError::NotASnapshot)?;
    let (magic, rest) = head.split_at(4);
    let (version, crc) = rest.split_at(2);
    if magic != MAGIC {
        return Err(SnapshotError::NotASnapshot);
    }
    let version = version.iter().rev().fold(0, |value, byte| value << 8 | u16::from(*byte));
    if !(1..=VERSION).contains(&version) {
        return Err(SnapshotError::Version(version));
    }
    if crc != crc32fast::hash(body).to_le_bytes() {
        return Err(SnapshotError::Damaged("checksum differs".to_owned()));
    }
    Ok((version, body))
}

/// All of the bytes as one value.
fn decoded<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, SnapshotError> {
    let damaged = |error: postcard::Error| SnapshotError::Damaged(error.to_string());
    match postcard::take_from_bytes(bytes).map_err(damaged)? {
        (value, []) => Ok(value),
        (_, rest) => Err(SnapshotError::Damaged(format!("{} bytes too many", rest.len()))),
    }
}

/// What all formats come to.
type Restored = Parts<Memory, SavedHistory, Recorded>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_format_3_counted_from_another_score_on_is_forgotten() {
        let mut engine = Engine::new(Settings::default());
        (0..50).for_each(|_| engine.memory.watch.budget.learn(9.0));
        let mut bytes = as_format_4(&engine);
        let level = |bytes: &[u8]| {
            let engine = Engine::restore(Settings::default(), bytes).unwrap();
            engine.memory.watch.budget.level(1.0)
        };
        let counted = level(&bytes);
        bytes[MAGIC.len()] = 3;
        assert!(level(&bytes) < counted);
        assert_eq!(level(&bytes), level(&Engine::new(Settings::default()).save(Scope::Learning)));
    }

    /// Without baselines.
    fn as_format_4(engine: &Engine) -> Vec<u8> {
        let own = &engine.memory;
        let times = (own.next_trim, own.next_save, own.next_tally, own.tick_ms);
        let memory =
            (&own.table, &own.watch, &own.lifecycle, &own.clock, &own.counts, times, [0u64; 3], own.sighted);
        let mut bytes = vec![0; HEAD];
        append(&mut bytes, &(memory, BASELINES_VERSION, [1u8, 0], None::<()>, None::<()>));
        sealed(4, bytes)
    }
}
