//! The notification log: what became of what receivers were to be told.

use super::fault::StoreError;
use super::json;
use super::rows::{self, DELIVERIES};
use super::store::Store;
use rusqlite::Connection;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

/// How many entries are kept; the oldest go.
const DELIVERIES_MAX: u32 = 10_000;
/// Bound of what is kept of a receiver's words.
const MESSAGE_CHARS_MAX: usize = 500;

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// When, wall clock.
    pub at_ms: i64,
    /// To whom.
    pub receiver: String,
    /// What became of it.
    pub fate: Fate,
    /// How many notices it is about.
    pub notices: usize,
    /// The first of them: state and name.
    pub first: String,
    /// What went wrong.
    pub message: String,
}

/// What became of notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// The receiver has them.
    #[default]
    Delivered,
    /// Not this time; they stay in the queue.
    Failed,
    /// The receiver will never take them, so they are gone.
    Refused,
    /// There was no room, or the receiver is not configured any more.
    Dropped,
}

impl Fate {
    /// All of them.
    pub const ALL: [Fate; 4] = [Fate::Delivered, Fate::Failed, Fate::Refused, Fate::Dropped];

    /// The word in metrics and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Delivered => "delivered",
            Fate::Failed => "failed",
            Fate::Refused => "refused",
            Fate::Dropped => "dropped",
        }
    }
}

impl Store {
    /// Notes what became of something.
    pub fn note_delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        append(&self.db, delivery)
    }

    /// The last entries, the newest first.
    pub fn deliveries(&self, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let records = rows::latest(&self.db, DELIVERIES, limit)?;
        records.iter().map(|text| json::read(text).map_err(StoreError::Record)).collect()
    }
}

/// Notes what became of something, as part of a transaction.
pub(super) fn append(db: &Connection, own: &Delivery) -> Result<(), StoreError> {
    let own = Delivery { message: own.message.chars().take(MESSAGE_CHARS_MAX).collect(), ..own.clone() };
    let text = json::write(&own)?;
    Ok(rows::append(db, DELIVERIES, own.at_ms, Value::Text(text), DELIVERIES_MAX)?)
}
