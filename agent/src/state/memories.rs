//! What the probes would like to be reminded of: positions in logs, from an orderly end to the next start.
//!
//! It is taken once. After a crash there is nothing: what was read since an earlier writing would be counted twice, and
//! that is worse than not to see what was written while nobody read.

use super::fault::StoreError;
use super::store::Store;
use crate::durable;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

const FILE: &str = "probes.json";
const FILE_BYTES_MAX: u64 = 256 << 10;

/// What each probe said at the end, by its name; the file is gone afterwards. One that makes no sense is told of.
pub fn take(dir: &Path) -> BTreeMap<String, String> {
    let path = dir.join(FILE);
    let mut text = String::new();
    let read = File::open(&path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text));
    if read.is_err() && !path.exists() {
        return BTreeMap::new();
    }
    if let Err(error) = durable::gone(fs::remove_file(&path)) {
        // It would be believed at each start, however old.
        tracing::warn!("{}: {error}; logs are read from their end", path.display());
        return BTreeMap::new();
    }
    let parsed = read.map_err(|error| error.to_string());
    let parsed = parsed.and_then(|_| serde_json::from_str(&text).map_err(|error| error.to_string()));
    parsed.unwrap_or_else(|error| {
        tracing::warn!("{}: {error}; logs are read from their end", path.display());
        BTreeMap::new()
    })
}

impl Store {
    /// Keeps what [`take`] gives at the next start.
    pub fn keep_memories(&self, memories: &BTreeMap<String, String>) -> Result<(), StoreError> {
        let record = |error: String| StoreError::Record(format!("{FILE}: {error}"));
        let text = serde_json::to_vec(memories).map_err(|error| record(error.to_string()))?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(record(format!("{} bytes are over {FILE_BYTES_MAX}", text.len())));
        }
        durable::write(&self.dir.join(FILE), &text).map_err(|error| record(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn memories_are_taken_once() {
        let scratch = Scratch::new("memories");
        let (store, _) = Store::open(scratch.path()).unwrap();
        assert!(take(scratch.path()).is_empty());
        let memories = BTreeMap::from([("journal".to_owned(), "s=1;i=2".to_owned())]);
        store.keep_memories(&memories).unwrap();
        assert_eq!(take(scratch.path()), memories);
        assert!(take(scratch.path()).is_empty());
    }

    #[test]
    fn nonsense_is_passed_over_and_gone() {
        let scratch = Scratch::new("no-memories");
        for text in [&b"{\"a\":1}"[..], b"\xff", b""] {
            fs::write(scratch.path().join(FILE), text).unwrap();
            assert!(take(scratch.path()).is_empty());
            assert!(!scratch.path().join(FILE).exists());
        }
    }

    #[test]
    fn too_much_is_refused() {
        let scratch = Scratch::new("many-memories");
        let (store, _) = Store::open(scratch.path()).unwrap();
        let memories = BTreeMap::from([("a".to_owned(), "x".repeat(FILE_BYTES_MAX as usize))]);
        assert!(store.keep_memories(&memories).unwrap_err().to_string().contains("probes.json"));
    }
}
