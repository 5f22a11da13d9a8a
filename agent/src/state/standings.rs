//! How each alert that fires, or did lately, stands with those who are told of it.

use super::fault::StoreError;
use super::rows::{self, STANDINGS};
use super::store::Store;
use super::{alerts, record};
use hostward_engine::State;
use hostward_engine::telling::Standing;
use rusqlite::Connection;
use rusqlite::types::Value;

impl Store {
    /// The alerts that a receiver was told of: those that it believes to fire, and those that resolved since.
    pub fn told_alerts(&self, receiver: &str, since_ms: i64) -> Result<Vec<Standing>, StoreError> {
        let mut all = all(&self.db)?;
        all.retain(|own| {
            let told = own.told.get(receiver);
            told.is_some_and(|told| match (told.state, own.alert.state) {
                (State::Firing, State::Firing) => true,
                (State::Resolved, State::Resolved) => told.at_ms >= since_ms,
                _ => false,
            })
        });
        all.iter_mut().for_each(|own| own.alert = self.stance.policy.outward_alert(&own.alert));
        Ok(all)
    }
}

/// All standings, brought in line with the alerts that are open, should one of the tables have been damaged.
pub(super) fn current(db: &Connection, now_ms: i64) -> Result<Vec<Standing>, StoreError> {
    let mut standings = all(db)?;
    let mut open = alerts::open(db)?;
    open.retain(|own| own.state == State::Firing);
    for own in standings.iter_mut().filter(|own| own.alert.state == State::Firing) {
        if !open.iter().any(|alert| alert.id == own.alert.id) {
            (own.alert.state, own.alert.resolved_ms) = (State::Resolved, Some(now_ms));
        }
    }
    open.retain(|alert| !standings.iter().any(|own| own.alert.id == alert.id));
    standings.extend(open.into_iter().map(Standing::new));
    Ok(standings)
}

/// All that are kept.
pub(super) fn all(db: &Connection) -> Result<Vec<Standing>, StoreError> {
    rows::beginning(db, STANDINGS, "", usize::MAX)?.iter().map(|(_, text)| record::read(text)).collect()
}

/// The one of an alert.
pub(super) fn get(db: &Connection, id: &str) -> Result<Option<Standing>, StoreError> {
    rows::get(db, STANDINGS, &Value::Text(id.to_owned()))?.map(|text| record::read(&text)).transpose()
}

/// Writes one down in place of what was there of its alert.
pub(super) fn put(db: &Connection, own: &Standing) -> Result<(), StoreError> {
    let text = record::write(own)?;
    Ok(rows::put(db, STANDINGS, &Value::Text(own.alert.id.clone()), own.alert.active_ms, Value::Text(text))?)
}

/// Forgets one that is over.
pub(super) fn remove(db: &Connection, own: &Standing) -> Result<(), StoreError> {
    Ok(rows::remove(db, STANDINGS, &own.alert.id)?)
}
