//! The database: what was told is written down first.
//!
//! Plain synchronous code, owned by one thread. On a full disk [`Store::record`] fails and has changed
//! nothing: the caller keeps the transitions, tries again at the next tick, and goes on sampling.

use super::damage::Damage;
use super::fault::StoreError;
use super::record::Bears;
use super::rows::{self, ALERTS, TRANSITIONS};
use super::telling::{self, Stance};
use super::{audit, connect, record};
use hostward_engine::{Alert, State, Transition};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const FILE: &str = "hostward.db";
/// How many transitions are kept; the oldest go.
const TRANSITIONS_MAX: u32 = 10_000;

/// The open database of a state directory.
#[derive(Debug)]
pub struct Store {
    pub(super) db: Connection,
    pub(super) dir: PathBuf,
    pub(super) stance: Stance,
}

impl Store {
    /// Opens the database of `dir`; whatever is damaged in it is set aside and told.
    pub fn open(dir: &Path) -> Result<(Store, Vec<Damage>), StoreError> {
        let (db, damages) = connect::open(&dir.join(FILE), now_ms())?;
        let stance = Stance::open(&db)?;
        let mut store = Store { db, dir: dir.to_owned(), stance };
        let snapshot = store.check_snapshot()?;
        Ok((store, damages.into_iter().chain(snapshot).collect()))
    }

    /// Closes the database and opens it anew, after a call failed with damage.
    ///
    /// What is damaged is set aside, so the caller records the alerts that are open once more.
    pub fn reopen(&mut self) -> Result<Vec<Damage>, StoreError> {
        // Lets go of the files before they are moved.
        self.db = Connection::open_in_memory()?;
        let (mut store, damages) = Store::open(&self.dir)?;
        store.stance.policy = std::mem::take(&mut self.stance.policy);
        *self = store;
        Ok(damages)
    }

    /// Writes transitions down with what is to be told of them, all or nothing; it is durable when this returns.
    pub fn record(&mut self, transitions: &[Transition]) -> Result<(), StoreError> {
        let step = self.db.transaction()?;
        for transition in transitions {
            write(&step, transition)?;
        }
        audit::append(&step, transitions.iter().map(audit::Entry::of))?;
        let dropped = telling::take(&step, &self.stance, transitions)?;
        step.commit()?;
        self.stance.count(dropped);
        Ok(())
    }

    /// The alerts that are pending or firing, as they were last written.
    pub fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        open_alerts(&self.db)
    }

    /// The last transitions, the newest first.
    pub fn transitions(&self, limit: usize) -> Result<Vec<Transition>, StoreError> {
        rows::latest(&self.db, TRANSITIONS, limit)?.iter().map(|text| decoded(text)).collect()
    }
}

pub(super) fn open_alerts(db: &Connection) -> Result<Vec<Alert>, StoreError> {
    let records = rows::latest(db, ALERTS, usize::MAX)?;
    records.iter().map(|text| Ok(decoded::<Transition>(text)?.alert)).collect()
}

/// The table of alerts holds the open ones; an alert that ended lives on in the log.
fn write(db: &Connection, transition: &Transition) -> Result<(), StoreError> {
    let text = record::encode(transition).map_err(|error| StoreError::Record(error.to_string()))?;
    let id = Value::Text(transition.alert.id.clone());
    if matches!(transition.alert.state, State::Pending | State::Firing) {
        rows::put(db, ALERTS, &id, transition.at_ms, Value::Text(text.clone()))?;
    } else {
        rows::remove(db, ALERTS, &id)?;
    }
    Ok(rows::append(db, TRANSITIONS, transition.at_ms, Value::Text(text), TRANSITIONS_MAX)?)
}

pub(super) fn decoded<T: Bears>(text: &[u8]) -> Result<T, StoreError> {
    record::decode(text).map_err(|error| StoreError::Record(format!("hostward.db: {error}")))
}

/// Only for the names of what is set aside.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::{Scratch, alert, transition};
    use hostward_engine::Acknowledgement;
    use hostward_engine::State::{Firing, Inactive, Pending, Resolved};

    fn reopened(scratch: &Scratch) -> Store {
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!(damages, []);
        store
    }

    #[test]
    fn open_alerts_survive_and_ended_ones_stay_in_the_log() {
        let scratch = Scratch::new("store");
        let mut store = reopened(&scratch);
        let mut acknowledged = transition(1, Firing, Firing);
        acknowledged.alert.acknowledged = Some(Acknowledgement {
            alert: acknowledged.alert.id.clone(),
            by: "ann".to_owned(),
            comment: String::new(),
            at_ms: 7,
            until_ms: None,
        });
        store.record(&[transition(1, Inactive, Pending), transition(2, Inactive, Pending)]).unwrap();
        store.record(&[transition(1, Pending, Firing), transition(3, Inactive, Firing)]).unwrap();
        store.record(&[transition(2, Pending, Inactive), transition(3, Firing, Resolved)]).unwrap();
        store.record(std::slice::from_ref(&acknowledged)).unwrap();
        store.record(&[transition(4, Inactive, Pending)]).unwrap();
        drop(store);
        let store = reopened(&scratch);
        assert_eq!(store.open_alerts().unwrap(), [alert(4, Pending), acknowledged.alert.clone()]);
        let log = store.transitions(3).unwrap();
        assert_eq!(log, [transition(4, Inactive, Pending), acknowledged, transition(3, Firing, Resolved)]);
        assert_eq!(store.transitions(usize::MAX).unwrap().len(), 8);
    }

    #[test]
    fn on_a_full_disk_nothing_changes_and_a_retry_succeeds() {
        let scratch = Scratch::new("full");
        let mut store = reopened(&scratch);
        store.record(&[transition(1, Inactive, Firing)]).unwrap();
        store.db.query_row("PRAGMA max_page_count = 1", [], |_| Ok(())).unwrap();
        let many: Vec<Transition> = (2..50).map(|n| transition(n, Inactive, Firing)).collect();
        let error = store.record(&many).unwrap_err();
        assert!(error.to_string().contains("disk is full") && !error.is_damage(), "{error}");
        assert_eq!(store.open_alerts().unwrap(), [alert(1, Firing)]);
        store.db.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(())).unwrap();
        store.record(&many).unwrap();
        assert_eq!(store.open_alerts().unwrap().len(), 49);
    }

    #[test]
    fn damage_while_running_is_told_and_healed() {
        let scratch = Scratch::new("heal");
        let mut store = reopened(&scratch);
        store.record(&[transition(1, Inactive, Firing)]).unwrap();
        store.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        std::fs::write(scratch.path().join(FILE), vec![0x5a; 40_000]).unwrap();
        store.db.execute_batch("PRAGMA shrink_memory").unwrap();
        let error = store.record(&[transition(2, Inactive, Firing)]).unwrap_err();
        assert!(error.is_damage(), "{error}");
        assert_eq!(store.reopen().unwrap().len(), 1);
        store.record(&[transition(2, Inactive, Firing)]).unwrap();
        assert_eq!(store.open_alerts().unwrap(), [alert(2, Firing)]);
    }

    /// Found on a tmpfs filled to the last byte: the shared index of the log has to be made at each start, and
    /// the disk that hostward should warn of kept it from starting.
    #[test]
    fn a_start_needs_no_room_for_an_index() {
        let scratch = Scratch::new("index");
        let mut store = reopened(&scratch);
        store.record(&[transition(1, Inactive, Firing)]).unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [FILE, "hostward.db-wal"]);
    }

    #[test]
    fn the_log_is_bounded() {
        let scratch = Scratch::new("bound");
        let mut store = reopened(&scratch);
        let many: Vec<Transition> = (0..150).map(|n| transition(n, Inactive, Resolved)).collect();
        for _ in 0..(TRANSITIONS_MAX as usize / many.len() + 2) {
            store.record(&many).unwrap();
        }
        assert_eq!(store.transitions(usize::MAX).unwrap().len(), TRANSITIONS_MAX as usize);
    }
}
