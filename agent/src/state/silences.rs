//! Silences in the database, and in memory beside it, because each alert is held against them.

use super::audit::{self, Entry};
use super::fault::StoreError;
use super::json;
use super::rows::{self, SILENCES};
use super::store::Store;
use crate::silence::{self, Silence};
use hostward_engine::telling::Matchers;
use rusqlite::Connection;
use rusqlite::types::Value;

/// Silences that hold or will hold; more are refused.
const SILENCES_MAX: usize = 200;
/// Those that are over and still shown; the oldest go.
const OVER_MAX: usize = 200;
/// How exactly it is known when a silence last matched.
const MATCHED_MS: i64 = 10 * 60_000;

/// Why a silence was not taken or ended.
#[derive(Debug)]
pub enum SilenceError {
    /// There are as many as there may be.
    TooMany(String),
    /// There is none with this id that holds or will hold.
    Unknown(String),
    /// It could not be written down.
    Store(StoreError),
}

impl Store {
    /// Takes a silence; it is durable when this returns.
    pub fn add_silence(&mut self, own: &Silence) -> Result<(), SilenceError> {
        let open = self.stance.silences.iter().filter(|other| !other.is_over(own.created_ms)).count();
        if open >= SILENCES_MAX {
            return Err(SilenceError::TooMany(silence::refused_beyond(SILENCES_MAX)));
        }
        self.note(own, "silence added", &own.by, own.created_ms)?;
        self.stance.silences.insert(0, own.clone());
        Ok(self.forget_over(own.created_ms)?)
    }

    /// Ends a silence before its time.
    pub fn end_silence(&mut self, id: &str, by: &str, now_ms: i64) -> Result<(), SilenceError> {
        let is_it = |own: &Silence| own.id == id && !own.is_over(now_ms);
        let found = self.stance.silences.iter().find(|own| is_it(own)).cloned();
        let mut own = found.ok_or_else(|| SilenceError::Unknown(id.to_owned()))?;
        own.ended = Some((by.to_owned(), now_ms));
        self.note(&own, "silence expired", by, now_ms)?;
        self.stance.silences.iter_mut().filter(|old| old.id == own.id).for_each(|old| old.clone_from(&own));
        Ok(())
    }

    /// All silences, the newest first.
    pub fn silences(&self) -> &[Silence] {
        &self.stance.silences
    }

    fn note(&mut self, own: &Silence, verb: &str, by: &str, at_ms: i64) -> Result<(), StoreError> {
        let object = format!("{} {}", own.id, own.matchers.texts().join(" "));
        let [by, verb] = [by, verb].map(str::to_owned);
        let step = self.db.transaction()?;
        put(&step, own)?;
        audit::append(&step, [Entry { at_ms, by, verb, object, reason: own.comment.clone() }].into_iter())?;
        Ok(step.commit()?)
    }

    fn forget_over(&mut self, now_ms: i64) -> Result<(), StoreError> {
        let over: Vec<_> =
            self.stance.silences.iter().filter(|own| own.is_over(now_ms)).skip(OVER_MAX).collect();
        let ids: Vec<String> = over.into_iter().map(|own| own.id.clone()).collect();
        for id in &ids {
            rows::remove(&self.db, SILENCES, id)?;
        }
        self.stance.silences.retain(|own| !ids.contains(&own.id));
        Ok(())
    }

    /// Remembers which silences matched something just now.
    pub(super) fn note_matched(&mut self, ids: &[String], now_ms: i64) -> Result<(), StoreError> {
        let is_old = |own: &Silence| own.matched_ms.is_none_or(|at_ms| now_ms - at_ms >= MATCHED_MS);
        for own in self.stance.silences.iter_mut().filter(|own| ids.contains(&own.id) && is_old(own)) {
            own.matched_ms = Some(now_ms);
            put(&self.db, own)?;
        }
        Ok(())
    }
}

/// All that are kept, the newest first.
pub(super) fn load(db: &Connection) -> Result<Vec<Silence>, StoreError> {
    let mut all: Vec<Silence> = rows::latest(db, SILENCES, usize::MAX)?
        .iter()
        .map(|text| json::read(text).map_err(StoreError::Record))
        .collect::<Result<_, _>>()?;
    all.sort_by_key(|own| std::cmp::Reverse(own.created_ms));
    Ok(all)
}

/// Those whose time it is, as the engine takes them.
pub(super) fn active(all: &[Silence], now_ms: i64) -> Vec<(String, Matchers)> {
    let active = all.iter().filter(|own| own.is_active(now_ms));
    active.map(|own| (own.id.clone(), own.matchers.clone())).collect()
}

fn put(db: &Connection, own: &Silence) -> Result<(), StoreError> {
    let text = json::write(own)?;
    Ok(rows::put(db, SILENCES, &Value::Text(own.id.clone()), own.created_ms, Value::Text(text))?)
}

impl From<StoreError> for SilenceError {
    fn from(error: StoreError) -> Self {
        SilenceError::Store(error)
    }
}

impl std::fmt::Display for SilenceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SilenceError::TooMany(why) => f.write_str(why),
            SilenceError::Unknown(id) => write!(f, "there is no silence {id} that holds or will hold"),
            SilenceError::Store(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::silence::Window;
    use crate::state::testing::Scratch;

    fn silence(id: u32) -> Silence {
        Silence {
            id: format!("{id:08x}"),
            matchers: Matchers::parse(vec!["alertname=\"DiskFull\"".to_owned()]).unwrap(),
            window: Window::Once { from_ms: 0, until_ms: 1000 },
            by: "ann".to_owned(),
            comment: "moving disks".to_owned(),
            created_ms: i64::from(id),
            ended: None,
            matched_ms: None,
        }
    }

    #[test]
    fn they_outlive_the_process_and_are_noted() {
        let scratch = Scratch::new("silences");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        store.add_silence(&silence(1)).unwrap();
        store.add_silence(&silence(2)).unwrap();
        store.end_silence("00000001", "bob", 5).unwrap();
        assert!(matches!(store.end_silence("00000001", "bob", 6), Err(SilenceError::Unknown(_))));
        drop(store);
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!(damages, []);
        let states: Vec<_> = store.silences().iter().map(|own| own.state(500)).collect();
        assert_eq!(states, ["active", "over"]);
        let noted: Vec<_> = store.audits(3).unwrap().into_iter().map(|own| (own.by, own.verb)).collect();
        assert_eq!(noted[0], ("bob".to_owned(), "silence expired".to_owned()));
        assert_eq!(noted.len(), 3);
    }

    #[test]
    fn their_number_is_bounded() {
        let scratch = Scratch::new("many-silences");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        store.stance.silences = (0..SILENCES_MAX as u32).map(silence).collect();
        assert!(matches!(store.add_silence(&silence(999)), Err(SilenceError::TooMany(_))));
        let late = Silence {
            created_ms: 2000,
            window: Window::Once { from_ms: 0, until_ms: 3000 },
            ..silence(1000)
        };
        store.add_silence(&late).unwrap();
        store.stance.silences.extend((2000..2000 + OVER_MAX as u32).map(silence));
        store.forget_over(2000).unwrap();
        assert_eq!(store.silences().len(), 1 + OVER_MAX);
    }
}
