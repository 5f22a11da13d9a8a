//! The queue of what receivers are to be told, in the order in which it came.
//!
//! A row's key is `receiver/number/kind/alert`, so that order and pairs are seen without reading the rows.

use super::deliveries::{self, Delivery};
use super::fault::StoreError;
use super::record;
use super::rows::{self, NOTICES};
use super::stance::Dropped;
use super::store::Store;
use hostward_engine::State;
use hostward_engine::telling::Notice;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Notices that wait, of all receivers together.
pub const NOTICES_MAX: usize = 10_000;
/// At the bound so much room is made at once.
const ROOM: usize = NOTICES_MAX / 20;

impl Store {
    /// The first notices for a receiver, with their keys.
    pub fn due_notices(&self, receiver: &str, limit: usize) -> Result<Vec<(String, Notice)>, StoreError> {
        let rows = rows::beginning(&self.db, NOTICES, &format!("{receiver}/"), limit)?;
        rows.into_iter().map(|(key, text)| Ok((key, record::read(&text)?))).collect()
    }

    /// Takes notices off the queue, because they were delivered or never will be, and notes what became of them.
    pub fn settle_notices(&mut self, keys: &[String], delivery: &Delivery) -> Result<(), StoreError> {
        let step = self.db.transaction()?;
        for key in keys {
            rows::remove(&step, NOTICES, key)?;
        }
        deliveries::append(&step, delivery)?;
        Ok(step.commit()?)
    }
}

/// Puts notices at the end of the queue, as part of a transaction.
pub(super) fn put(db: &Connection, notices: &[Notice], max: usize) -> Result<Dropped, StoreError> {
    if notices.is_empty() {
        return Ok(Dropped::new());
    }
    let mut number = rows::last_key(db, NOTICES)?.as_deref().and_then(number_of).unwrap_or(0);
    for notice in notices {
        number += 1;
        let kind = if notice.alert.state == State::Resolved { 'r' } else { 'f' };
        let key = format!("{}/{number:016}/{kind}/{}", notice.receiver, notice.alert.id);
        let text = record::write(notice)?;
        rows::put(db, NOTICES, &Value::Text(key), notice.at_ms, Value::Text(text))?;
    }
    let count: i64 = db.query_row("SELECT count(*) FROM notices", [], |row| row.get(0))?;
    let count = usize::try_from(count).unwrap_or(0);
    if count <= max { Ok(Dropped::new()) } else { drop_some(db, count + ROOM.min(max / 2) - max) }
}

fn number_of(key: &str) -> Option<u64> {
    key.split('/').nth(1)?.parse().ok()
}

/// How many notices wait for each receiver.
pub(super) fn lengths(db: &Connection) -> Result<BTreeMap<String, u64>, StoreError> {
    let sql = "SELECT substr(key, 1, instr(key, '/') - 1), count(*) FROM notices GROUP BY 1";
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Drops what waits for receivers that are not there any more.
pub(super) fn forget_others(db: &Connection, receivers: &BTreeSet<&str>) -> Result<Dropped, StoreError> {
    let others = lengths(db)?.into_iter().filter(|(name, _)| !receivers.contains(name.as_str()));
    let others: Dropped = others.collect();
    for name in others.keys() {
        db.execute("DELETE FROM notices WHERE substr(key, 1, instr(key, '/') - 1) = ?1", [name])?;
    }
    Ok(others)
}

/// The oldest episodes that began and ended while nobody could be told go first, then whatever is oldest.
fn drop_some(db: &Connection, count: usize) -> Result<Dropped, StoreError> {
    let keys = rows::keys(db, NOTICES)?;
    let mut gone: Vec<&String> = pairs(&keys).into_iter().flatten().take(count.next_multiple_of(2)).collect();
    if gone.len() < count {
        let chosen: BTreeSet<&String> = gone.iter().copied().collect();
        let rest = keys.iter().filter(|key| !chosen.contains(key)).take(count - gone.len());
        gone.extend(rest.collect::<Vec<_>>());
    }
    let mut dropped = Dropped::new();
    for key in gone {
        rows::remove(db, NOTICES, key)?;
        *dropped.entry(key.split('/').next().unwrap_or("").to_owned()).or_default() += 1;
    }
    Ok(dropped)
}

/// Begin and end of the same alert for the same receiver, in the order in which they ended.
fn pairs(keys: &[String]) -> Vec<[&String; 2]> {
    let (mut begun, mut pairs) = (BTreeMap::new(), Vec::new());
    for key in keys {
        let mut parts = key.split('/');
        let (Some(receiver), Some(kind), Some(alert)) = (parts.next(), parts.nth(1), parts.next()) else {
            continue;
        };
        match kind {
            "r" => pairs.extend(begun.remove(&(receiver, alert)).map(|begin| [begin, key])),
            _ => drop(begun.insert((receiver, alert), key)),
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::{Scratch, alert};
    use hostward_engine::State::{Firing, Resolved};

    fn notice(receiver: &str, n: u64, state: State) -> Notice {
        let (receiver, alert) = (receiver.to_owned(), alert(n, state));
        Notice { receiver, alert, flapping: false, reminder: false, at_ms: n as i64 }
    }

    fn waiting(store: &Store, receiver: &str) -> Vec<(i64, State)> {
        let due = store.due_notices(receiver, usize::MAX).unwrap();
        due.into_iter().map(|(_, own)| (own.at_ms, own.alert.state)).collect()
    }

    #[test]
    fn each_receiver_has_its_own_order_and_what_is_settled_is_gone() {
        let scratch = Scratch::new("queue");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        for n in 0..20 {
            put(&store.db, &[notice("b", n, Firing), notice("a", 100 - n, Firing)], 99).unwrap();
        }
        drop(store);
        (store, _) = Store::open(scratch.path()).unwrap();
        assert_eq!(
            waiting(&store, "b").iter().map(|own| own.0).collect::<Vec<_>>(),
            (0..20).collect::<Vec<_>>()
        );
        assert_eq!(waiting(&store, "a")[0].0, 100);
        let keys: Vec<String> = store.due_notices("b", 3).unwrap().into_iter().map(|own| own.0).collect();
        store.settle_notices(&keys, &Delivery::default()).unwrap();
        assert_eq!(waiting(&store, "b")[0].0, 3);
        assert_eq!(lengths(&store.db).unwrap(), [("a".to_owned(), 20), ("b".to_owned(), 17)].into());
        let dropped = forget_others(&store.db, &["b"].into()).unwrap();
        assert_eq!(dropped, [("a".to_owned(), 20)].into());
        assert_eq!(store.deliveries(9).unwrap().len(), 1);
    }

    #[test]
    fn at_the_bound_what_is_over_goes_first_then_the_oldest() {
        let scratch = Scratch::new("full-queue");
        let (store, _) = Store::open(scratch.path()).unwrap();
        put(&store.db, &[notice("a", 1, Firing)], 8).unwrap();
        for n in 2..5 {
            put(&store.db, &[notice("a", n, Firing), notice("a", n, Resolved)], 8).unwrap();
        }
        assert_eq!(put(&store.db, &[notice("a", 5, Firing)], 8).unwrap(), Dropped::new());
        let dropped = put(&store.db, &[notice("a", 6, Firing)], 8).unwrap();
        assert_eq!(dropped, [("a".to_owned(), 6)].into());
        assert_eq!(waiting(&store, "a"), [(1, Firing), (5, Firing), (6, Firing)]);
        let more: Vec<_> = (7..13).map(|n| notice("a", n, Firing)).collect();
        put(&store.db, &more, 8).unwrap();
        assert_eq!(waiting(&store, "a").first(), Some(&(9, Firing)));
    }
}
