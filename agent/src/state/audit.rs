//! The audit log: what happened to alerts, who told hostward to change its mind, about what, why, and when.
//!
//! Each entry holds the SHA-256 of the one before it and of itself, so that an entry that was changed or taken out
//! shows. Whoever can write the file can also reckon the whole chain anew: to be sure against that, keep the head
//! elsewhere from time to time.

use super::fault::StoreError;
use super::json;
use super::rows::{self, AUDIT};
use super::store::Store;
use hostward_engine::Transition;
use rusqlite::Connection;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How many entries are kept; the oldest go.
const ENTRIES_MAX: u32 = 10_000;
/// Who did what nobody asked for.
const OWN: &str = "hostward";

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, wall clock.
    pub at_ms: i64,
    /// Who.
    pub by: String,
    /// What was asked for or happened, as `baseline accept` or `alert firing`.
    pub verb: String,
    /// About what.
    pub object: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// An entry and its place in the chain; those of before there was one have neither.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    #[serde(flatten)]
    entry: Entry,
    #[serde(default)]
    before: String,
    #[serde(default)]
    hash: String,
}

/// What a look at the whole chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Entries that are linked.
    pub linked: usize,
    /// Older ones, of a version that did not link.
    pub unlinked: usize,
    /// Hash of the last one.
    pub head: String,
    /// Where it is broken: the time of an entry and what is wrong with it.
    pub broken: Vec<(i64, String)>,
}

impl Entry {
    /// What is noted of a change of an alert.
    pub fn of(transition: &Transition) -> Self {
        let alert = &transition.alert;
        let said = alert.acknowledged.as_ref().filter(|own| own.at_ms == transition.at_ms);
        let (by, verb, reason) = match said.filter(|_| transition.from == alert.state) {
            Some(own) => (own.by.as_str(), "alert acknowledged".to_owned(), &own.comment),
            None => (OWN, format!("alert {}", alert.state.as_str()), &transition.reason),
        };
        let (by, reason) = (by.to_owned(), reason.clone());
        Entry { at_ms: transition.at_ms, by, verb, object: alert.labels.to_string(), reason }
    }
}

impl Link {
    fn after(before: String, entry: Entry) -> Result<Self, StoreError> {
        let text = json::write(&entry)?;
        let digest = Sha256::new().chain_update(&before).chain_update("\n").chain_update(text).finalize();
        let hash = digest.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Ok(Link { entry, before, hash })
    }
}

/// Writes entries down as part of a transaction.
pub(super) fn append(db: &Connection, entries: impl Iterator<Item = Entry>) -> Result<(), StoreError> {
    let last = rows::latest(db, AUDIT, 1)?;
    let mut before = last.first().map(|text| read(text)).transpose()?;
    for entry in entries {
        let hash = before.take().map_or_else(String::new, |link| link.hash);
        let link = Link::after(hash, entry)?;
        let text = json::write(&link)?;
        rows::append(db, AUDIT, link.entry.at_ms, Value::Text(text), ENTRIES_MAX)?;
        before = Some(link);
    }
    Ok(())
}

impl Store {
    /// Writes an entry down; it is durable when this returns.
    pub fn audit(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let step = self.db.transaction()?;
        append(&step, std::iter::once(entry.clone()))?;
        Ok(step.commit()?)
    }

    /// The last entries, the newest first.
    pub fn audits(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(links(&self.db, limit)?.into_iter().map(|link| link.entry).collect())
    }

    /// Entries that came after the one of that number, with their numbers, in order.
    pub fn audits_after(&self, number: i64, limit: usize) -> Result<Vec<(i64, Entry)>, StoreError> {
        let rows = rows::after(&self.db, AUDIT, number, limit)?;
        rows.iter().map(|(key, text)| Ok((*key, read(text)?.entry))).collect()
    }

    /// The number of the entry before the last `count`.
    pub fn audit_before(&self, count: i64) -> Result<i64, StoreError> {
        let last: i64 = self.db.query_row("SELECT coalesce(max(key), 0) FROM audit", [], |row| row.get(0))?;
        Ok((last - count).max(0))
    }

    /// Follows the whole chain.
    pub fn audit_chain(&self) -> Result<Chain, StoreError> {
        let (mut chain, mut before) = (Chain::default(), None::<String>);
        for link in links(&self.db, usize::MAX)?.into_iter().rev() {
            if link.hash.is_empty() && chain.linked == 0 {
                chain.unlinked += 1;
                continue;
            }
            let at_ms = link.entry.at_ms;
            if before.as_ref().is_some_and(|before| *before != link.before) {
                chain.broken.push((at_ms, "an entry before it is missing".to_owned()));
            }
            let own = Link::after(link.before, link.entry)?;
            if own.hash != link.hash {
                chain.broken.push((at_ms, "it is not as it was written".to_owned()));
            }
            chain.linked += 1;
            before = Some(link.hash);
        }
        chain.head = before.unwrap_or_default();
        Ok(chain)
    }
}

fn links(db: &Connection, limit: usize) -> Result<Vec<Link>, StoreError> {
    rows::latest(db, AUDIT, limit)?.iter().map(|text| read(text)).collect()
}

fn read(text: &[u8]) -> Result<Link, StoreError> {
    json::read(text).map_err(StoreError::Record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::{Scratch, transition};
    use hostward_engine::Acknowledgement;
    use hostward_engine::State::{Firing, Pending};

    fn entry(at_ms: i64) -> Entry {
        let [by, verb, object, reason] = ["ann", "baseline reset", "node_load1", ""].map(str::to_owned);
        Entry { at_ms, by, verb, object, reason }
    }

    #[test]
    fn entries_are_kept_in_order_and_bounded() {
        let scratch = Scratch::new("audit");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        for at_ms in 0..5 {
            store.audit(&entry(at_ms)).unwrap();
        }
        store.db.execute("UPDATE audit SET key = key + ?1 WHERE key > 2", [ENTRIES_MAX]).unwrap();
        store.audit(&entry(9)).unwrap();
        drop(store);
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert!(damages.iter().all(|damage| damage.what.contains("audit")));
        let kept: Vec<i64> = store.audits(10).unwrap().iter().map(|entry| entry.at_ms).collect();
        assert_eq!(kept, [9]);
    }

    #[test]
    fn what_was_changed_or_taken_out_shows() {
        let scratch = Scratch::new("chain");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        (0..5).for_each(|at_ms| store.audit(&entry(at_ms)).unwrap());
        let whole = store.audit_chain().unwrap();
        assert_eq!((whole.linked, whole.unlinked, whole.broken.len(), whole.head.len()), (5, 0, 0, 64));
        let forged = |store: &Store, key: i64| {
            let link = links(&store.db, usize::MAX).unwrap().into_iter().rev().nth(key as usize - 1).unwrap();
            let link = Link { entry: Entry { by: "bob".to_owned(), ..link.entry }, ..link };
            let text = Value::Text(serde_json::to_string(&link).unwrap());
            rows::put(&store.db, AUDIT, &Value::Integer(key), link.entry.at_ms, text).unwrap();
        };
        forged(&store, 2);
        let broken = store.audit_chain().unwrap().broken;
        assert_eq!(broken, [(1, "it is not as it was written".to_owned())]);
        store.db.execute("DELETE FROM audit WHERE key = 4", []).unwrap();
        let broken = store.audit_chain().unwrap().broken;
        assert_eq!(broken[1], (4, "an entry before it is missing".to_owned()));
    }

    #[test]
    fn changes_of_alerts_are_noted_with_who_and_why() {
        let scratch = Scratch::new("noted");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        let mut seen = transition(1, Firing, Firing);
        let [alert, by, comment] = [seen.alert.id.as_str(), "ann", "known"].map(str::to_owned);
        let at_ms = seen.at_ms;
        seen.alert.acknowledged = Some(Acknowledgement { alert, by, comment, at_ms, until_ms: None });
        store.record(&[transition(1, Pending, Firing), seen]).unwrap();
        let told: Vec<_> =
            store.audits(2).unwrap().into_iter().map(|own| [own.by, own.verb, own.reason]).collect();
        let expected = [["ann", "alert acknowledged", "known"], ["hostward", "alert firing", "held for 1m"]];
        assert_eq!(told, expected.map(|row| row.map(str::to_owned)));
    }

    /// Entries of before there was a chain.
    #[test]
    fn older_entries_are_read_and_come_before_the_chain() {
        let scratch = Scratch::new("older");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        let older = r#"{"at_ms":1,"by":"ann","verb":"baseline reset","object":"x"}"#;
        rows::append(&store.db, AUDIT, 1, Value::Text(older.to_owned()), ENTRIES_MAX).unwrap();
        store.audit(&entry(2)).unwrap();
        let chain = store.audit_chain().unwrap();
        assert_eq!((chain.linked, chain.unlinked, chain.broken.len()), (1, 1, 0));
        assert_eq!(store.audits(9).unwrap()[1].reason, "");
    }
}
