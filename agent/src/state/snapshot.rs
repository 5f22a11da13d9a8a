//! The engine's snapshot: one, the latest, in pieces.
//!
//! SQLite copies a value twice on its way to the disk, and the allocator keeps the room of megabytes for the next time.

use super::damage::{self, Damage};
use super::fault::StoreError;
use super::rows::{self, SNAPSHOT};
use super::store::Store;
use rusqlite::types::Value;
use std::fs;

/// A piece is a row of its own; they are numbered from 1.
const PIECE_BYTES: usize = 64 << 10;
/// Larger snapshots are refused: with the bounds of the engine there are none.
const SNAPSHOT_BYTES_MAX: usize = 64 << 20;

impl Store {
    /// Keeps `bytes` in place of the snapshot before.
    pub fn save_snapshot(&mut self, bytes: &[u8], at_ms: i64) -> Result<(), StoreError> {
        if bytes.len() > SNAPSHOT_BYTES_MAX {
            let message = format!("a snapshot of {} bytes is over {SNAPSHOT_BYTES_MAX}", bytes.len());
            return Err(StoreError::Record(message));
        }
        let step = self.db.transaction()?;
        step.execute("DELETE FROM snapshot", [])?;
        for (key, piece) in (1..).zip(bytes.chunks(PIECE_BYTES)) {
            rows::put(&step, SNAPSHOT, &Value::Integer(key), at_ms, Value::Blob(piece.to_vec()))?;
        }
        Ok(step.commit()?)
    }

    /// The last snapshot, if there is a sound one.
    pub fn load_snapshot(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let pieces = rows::after(&self.db, SNAPSHOT, 0, usize::MAX)?;
        let pieces: Vec<_> = pieces.into_iter().map(|(_, piece)| piece).collect();
        let is_whole = !pieces.is_empty() && pieces.len() == self.pieces()? as usize;
        Ok(is_whole.then(|| pieces.concat()))
    }

    fn pieces(&self) -> Result<u32, StoreError> {
        Ok(self.db.query_row("SELECT count(*) FROM snapshot", [], |row| row.get(0))?)
    }

    /// Sets aside a snapshot that the engine cannot use, so that the next start does not meet it again.
    pub fn discard_snapshot(&mut self, reason: &str) -> Result<Option<Damage>, StoreError> {
        if self.pieces()? == 0 {
            return Ok(None);
        }
        let bytes = self.remains()?;
        let damage = self.keep_aside(&bytes, reason)?;
        self.db.execute("DELETE FROM snapshot", [])?;
        Ok(Some(damage))
    }

    /// Discards the snapshot when there is one and its checksum is wrong.
    pub(super) fn check_snapshot(&mut self) -> Result<Option<Damage>, StoreError> {
        if self.pieces()? == 0 || self.load_snapshot()?.is_some() {
            return Ok(None);
        }
        self.discard_snapshot("its checksum does not match")
    }

    /// All that is there, damaged or not.
    fn remains(&self) -> Result<Vec<u8>, StoreError> {
        let mut statement = self.db.prepare("SELECT CAST(record AS BLOB) FROM snapshot ORDER BY key")?;
        let pieces = statement.query_map([], |row| row.get::<_, Option<Vec<u8>>>(0))?;
        let pieces: Vec<_> =
            pieces.map(|piece| Ok(piece?.unwrap_or_default())).collect::<rusqlite::Result<_>>()?;
        Ok(pieces.concat())
    }

    /// A file, not a row: a database with megabytes of rubbish in it serves nobody.
    fn keep_aside(&self, bytes: &[u8], reason: &str) -> Result<Damage, StoreError> {
        let name = self.dir.join("snapshot");
        let kept = damage::aside(&name, damage::now_ms());
        let written = fs::write(&kept, bytes).and_then(|()| damage::forget_oldest(&name));
        let kept = match written {
            Ok(()) => kept.display().to_string(),
            // On a full disk a fresh start matters more than the remains.
            Err(error) => format!("nothing ({}: {error})", kept.display()),
        };
        Ok(Damage { what: "snapshot of the engine".to_owned(), reason: reason.to_owned(), kept })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn the_latest_snapshot_is_kept() {
        let scratch = Scratch::new("snapshot");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        assert_eq!(store.load_snapshot().unwrap(), None);
        store.save_snapshot(b"one", 1).unwrap();
        store.save_snapshot(&[7; 300_000], 2).unwrap();
        drop(store);
        let (mut store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!((store.load_snapshot().unwrap(), damages.len()), (Some(vec![7; 300_000]), 0));
        let damage = store.discard_snapshot("version 9").unwrap().unwrap();
        assert_eq!(fs::read(&damage.kept).unwrap(), vec![7; 300_000]);
        assert_eq!(store.load_snapshot().unwrap(), None);
        assert_eq!(store.discard_snapshot("again").unwrap(), None);
    }

    #[test]
    fn a_damaged_snapshot_costs_the_snapshot_alone() {
        let scratch = Scratch::new("rotten");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        store.save_snapshot(b"learnt", 1).unwrap();
        store.db.execute("UPDATE snapshot SET record = X'00'", []).unwrap();
        drop(store);
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!(damages.len(), 1);
        assert_eq!(fs::read(&damages[0].kept).unwrap(), [0]);
        assert_eq!(store.load_snapshot().unwrap(), None);
    }

    #[test]
    fn a_damaged_piece_costs_the_whole() {
        let scratch = Scratch::new("piece");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        store.save_snapshot(&[7; 2 * PIECE_BYTES + 1], 1).unwrap();
        assert_eq!(store.pieces().unwrap(), 3);
        store.db.execute("UPDATE snapshot SET record = X'00' WHERE key = 2", []).unwrap();
        drop(store);
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!(fs::read(&damages[0].kept).unwrap(), [&[7; PIECE_BYTES][..], &[0], &[7]].concat());
        assert_eq!(store.load_snapshot().unwrap(), None);
    }
}
