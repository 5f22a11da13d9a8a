//! The alerts that are open, and the log of what happened to all of them.

use super::fault::StoreError;
use super::record;
use super::rows::{self, ALERTS, TRANSITIONS};
use super::store::Store;
use hostward_engine::{Alert, State, Transition};
use rusqlite::Connection;
use rusqlite::types::Value;

/// How many transitions are kept; the oldest go.
const TRANSITIONS_MAX: u32 = 10_000;

impl Store {
    /// The alerts that are pending or firing, as they were last written.
    pub fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        open(&self.db)
    }

    /// The last transitions, the newest first.
    pub fn transitions(&self, limit: usize) -> Result<Vec<Transition>, StoreError> {
        rows::latest(&self.db, TRANSITIONS, limit)?.iter().map(|text| record::read(text)).collect()
    }
}

/// The alerts that are pending or firing.
pub(super) fn open(db: &Connection) -> Result<Vec<Alert>, StoreError> {
    let records = rows::latest(db, ALERTS, usize::MAX)?;
    records.iter().map(|text| Ok(record::read::<Transition>(text)?.alert)).collect()
}

/// The table of alerts holds the open ones; an alert that ended lives on in the log.
pub(super) fn write(db: &Connection, transition: &Transition) -> Result<(), StoreError> {
    let text = record::write(transition)?;
    let id = Value::Text(transition.alert.id.clone());
    if matches!(transition.alert.state, State::Pending | State::Firing) {
        rows::put(db, ALERTS, &id, transition.at_ms, Value::Text(text.clone()))?;
    } else {
        rows::remove(db, ALERTS, &id)?;
    }
    Ok(rows::append(db, TRANSITIONS, transition.at_ms, Value::Text(text), TRANSITIONS_MAX)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::{Scratch, alert, transition};
    use hostward_engine::Acknowledgement;
    use hostward_engine::State::{Firing, Inactive, Pending, Resolved};

    #[test]
    fn open_alerts_survive_and_ended_ones_stay_in_the_log() {
        let scratch = Scratch::new("store");
        let mut store = scratch.store();
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
        let store = scratch.store();
        assert_eq!(store.open_alerts().unwrap(), [alert(4, Pending), acknowledged.alert.clone()]);
        let log = store.transitions(3).unwrap();
        assert_eq!(log, [transition(4, Inactive, Pending), acknowledged, transition(3, Firing, Resolved)]);
        assert_eq!(store.transitions(usize::MAX).unwrap().len(), 8);
    }

    #[test]
    fn the_log_is_bounded() {
        let scratch = Scratch::new("bound");
        let mut store = scratch.store();
        let many: Vec<Transition> = (0..150).map(|n| transition(n, Inactive, Resolved)).collect();
        for _ in 0..(TRANSITIONS_MAX as usize / many.len() + 2) {
            store.record(&many).unwrap();
        }
        assert_eq!(store.transitions(usize::MAX).unwrap().len(), TRANSITIONS_MAX as usize);
    }
}
