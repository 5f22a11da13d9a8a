//! The audit log: who told hostward to change its mind, about what, and when.

use super::fault::StoreError;
use super::rows::{self, AUDIT};
use super::store::Store;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

/// How many entries are kept; the oldest go.
const ENTRIES_MAX: u32 = 10_000;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, wall clock.
    pub at_ms: i64,
    /// Who.
    pub by: String,
    /// What was asked for, as `baseline accept`.
    pub verb: String,
    /// About what.
    pub object: String,
}

impl Store {
    /// Writes an entry down; it is durable when this returns.
    pub fn audit(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let text = serde_json::to_string(entry).map_err(|error| StoreError::Record(error.to_string()))?;
        let step = self.db.transaction()?;
        let next = "SELECT coalesce(max(key), 0) + 1 FROM audit";
        let key: i64 = step.prepare(next)?.query_row([], |row| row.get(0))?;
        rows::put(&step, AUDIT, &Value::Integer(key), entry.at_ms, Value::Text(text))?;
        let sql = "DELETE FROM audit WHERE key <= (SELECT max(key) FROM audit) - ?1";
        step.prepare(sql)?.execute([ENTRIES_MAX])?;
        Ok(step.commit()?)
    }

    /// The last entries, the newest first.
    pub fn audits(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let records = rows::latest(&self.db, AUDIT, limit)?;
        let decoded = |text: &Vec<u8>| decode(text).map_err(StoreError::Record);
        records.iter().map(decoded).collect()
    }
}

/// An entry from its record.
pub fn decode(text: &[u8]) -> Result<Entry, String> {
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn entries_are_kept_in_order_and_bounded() {
        let scratch = Scratch::new("audit");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        let entry = |at_ms| Entry {
            at_ms,
            by: "ann".to_owned(),
            verb: "baseline reset".to_owned(),
            object: "node_load1".to_owned(),
        };
        for at_ms in 0..5 {
            store.audit(&entry(at_ms)).unwrap();
        }
        store.db.execute("UPDATE audit SET key = key + ?1 WHERE key > 2", [ENTRIES_MAX]).unwrap();
        store.audit(&entry(9)).unwrap();
        drop(store);
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert!(damages.iter().all(|damage| damage.what.contains("audit")));
        let kept: Vec<i64> = store.audits(10).unwrap().iter().map(|entry| entry.at_ms).collect();
        assert_eq!(kept.first(), Some(&9));
        assert!(!kept.contains(&0) && !kept.contains(&1), "{kept:?}");
    }
}
