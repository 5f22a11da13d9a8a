//! Detectors that people named: their settings and what they learnt.

use super::fault::StoreError;
use super::json;
use super::rows::{self, DETECTORS};
use super::store::Store;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many are kept; another one is refused.
const DETECTORS_MAX: usize = 100;
/// Bound of one of them as it is written; a larger one is refused. What is learnt of a series has some kilobytes.
pub const DETECTOR_BYTES_MAX: usize = 64 << 10;
const NAME_CHARS_MAX: usize = 64;
const ABOUT_CHARS_MAX: usize = 1000;

/// A detector with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedDetector {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// The score from which it calls a row an anomaly.
    pub level: f64,
    /// Whether values are those of a counter, judged by its rate.
    #[serde(default)]
    pub rate: bool,
    /// When it was made.
    pub created_ms: i64,
    /// What it was trained on, and what came of that.
    pub training: Option<Training>,
}

/// What a detector learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// When it was trained last.
    pub at_ms: i64,
    /// The file of that time.
    pub file: String,
    /// Values of all times.
    pub values: u64,
    /// The newest of their times.
    #[serde(default)]
    pub newest_ms: Option<i64>,
    /// The engine's bytes, in base64.
    pub learnt: String,
}

/// Why a detector is not kept or not found.
#[derive(Debug)]
pub enum KeepError {
    /// There is one of that name.
    Exists(String),
    /// There is none of that name.
    Unknown(String),
    /// It, or the number of them, is beyond a bound, or its name is none.
    Refused(String),
    /// The database says no.
    Store(StoreError),
}

/// Whether a name can be one: it is a word of a command and a part of a URL.
pub fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    match begins && name.chars().all(plain) && name.len() <= NAME_CHARS_MAX {
        true => Ok(()),
        false => {
            Err(format!("{name:?} is no name; a name has up to {NAME_CHARS_MAX} letters, digits, - _ and ."))
        }
    }
}

impl Store {
    /// Keeps a new detector, or one in place of what is kept under its name.
    pub fn put_detector(&mut self, own: &NamedDetector, is_new: bool, at_ms: i64) -> Result<(), KeepError> {
        check_name(&own.name).map_err(KeepError::Refused)?;
        let kept = self.detectors()?;
        match kept.iter().any(|kept| kept.name == own.name) {
            true if is_new => return Err(KeepError::Exists(own.name.clone())),
            false if !is_new => return Err(KeepError::Unknown(own.name.clone())),
            false if kept.len() >= DETECTORS_MAX => {
                return Err(KeepError::Refused(format!(
                    "there are {DETECTORS_MAX} detectors already; remove one"
                )));
            }
            _ => {}
        }
        let text = json::write(own)?;
        if text.len() > DETECTOR_BYTES_MAX || own.about.chars().count() > ABOUT_CHARS_MAX {
            let why = format!(
                "{} bytes are too many: {DETECTOR_BYTES_MAX} at most, and {ABOUT_CHARS_MAX} characters of description",
                text.len()
            );
            return Err(KeepError::Refused(why));
        }
        let key = Value::Text(own.name.clone());
        Ok(rows::put(&self.db, DETECTORS, &key, at_ms, Value::Text(text)).map_err(StoreError::from)?)
    }

    /// All of them, by name.
    pub fn detectors(&self) -> Result<Vec<NamedDetector>, StoreError> {
        let records = rows::latest(&self.db, DETECTORS, usize::MAX)?;
        let decoded = records.iter().map(|text| json::read_of(DETECTORS, text));
        let mut all: Vec<NamedDetector> = decoded.collect::<Result<_, _>>()?;
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// The one of that name.
    pub fn detector(&self, name: &str) -> Result<NamedDetector, KeepError> {
        let text = rows::get(&self.db, DETECTORS, &Value::Text(name.to_owned())).map_err(StoreError::from)?;
        let text = text.ok_or_else(|| KeepError::Unknown(name.to_owned()))?;
        Ok(json::read_of(DETECTORS, &text)?)
    }

    /// Forgets one.
    pub fn remove_detector(&mut self, name: &str) -> Result<(), KeepError> {
        self.detector(name)?;
        Ok(rows::remove(&self.db, DETECTORS, &name).map_err(StoreError::from)?)
    }
}

impl From<StoreError> for KeepError {
    fn from(error: StoreError) -> Self {
        KeepError::Store(error)
    }
}

impl fmt::Display for KeepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeepError::Exists(name) => {
                write!(f, "there is a detector {name:?} already; remove it, or take another name")
            }
            KeepError::Unknown(name) => {
                write!(f, "there is no detector {name:?}; see hostward detectors list")
            }
            KeepError::Refused(why) => f.write_str(why),
            KeepError::Store(error) => write!(f, "{error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    fn named(name: &str) -> NamedDetector {
        NamedDetector {
            name: name.to_owned(),
            about: String::new(),
            level: 0.9,
            rate: false,
            created_ms: 1,
            training: None,
        }
    }

    #[test]
    fn detectors_are_kept_replaced_and_removed() {
        let scratch = Scratch::new("detectors");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        assert!(matches!(store.put_detector(&named("b"), false, 1), Err(KeepError::Unknown(_))));
        store.put_detector(&named("b"), true, 1).unwrap();
        store.put_detector(&named("a"), true, 2).unwrap();
        assert!(matches!(store.put_detector(&named("a"), true, 3), Err(KeepError::Exists(_))));
        let learnt = "AAA=".to_owned();
        let training =
            Some(Training { at_ms: 4, file: "x.csv".to_owned(), values: 7, newest_ms: Some(3), learnt });
        let trained = NamedDetector { training, ..named("a") };
        store.put_detector(&trained, false, 4).unwrap();
        drop(store);
        let (mut store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!((store.detectors().unwrap(), damages), (vec![trained, named("b")], vec![]));
        store.remove_detector("a").unwrap();
        assert!(matches!(store.remove_detector("a"), Err(KeepError::Unknown(_))));
        assert_eq!(store.detector("b").unwrap(), named("b"));
    }

    #[test]
    fn names_numbers_and_bytes_are_bounded() {
        let scratch = Scratch::new("many-detectors");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        let long = "x".repeat(NAME_CHARS_MAX + 1);
        for name in ["", ".", "-x", "a/b", "a b", "ä", long.as_str()] {
            assert!(
                matches!(store.put_detector(&named(name), true, 1), Err(KeepError::Refused(_))),
                "{name:?}"
            );
        }
        let large = NamedDetector { about: "x".repeat(DETECTOR_BYTES_MAX), ..named("large") };
        assert!(matches!(store.put_detector(&large, true, 1), Err(KeepError::Refused(_))));
        (0..DETECTORS_MAX)
            .for_each(|number| store.put_detector(&named(&format!("d{number}")), true, 1).unwrap());
        assert!(matches!(store.put_detector(&named("more"), true, 1), Err(KeepError::Refused(_))));
    }

    #[test]
    fn a_damaged_detector_costs_itself() {
        let scratch = Scratch::new("damaged-detector");
        let (mut store, _) = Store::open(scratch.path()).unwrap();
        store.put_detector(&named("a"), true, 1).unwrap();
        store.put_detector(&named("b"), true, 1).unwrap();
        store.db.execute("UPDATE detectors SET record = '{}' WHERE key = 'a'", []).unwrap();
        drop(store);
        let (store, damages) = Store::open(scratch.path()).unwrap();
        assert_eq!((store.detectors().unwrap(), damages.len()), (vec![named("b")], 1));
    }

    #[test]
    fn a_database_from_before_detectors_gets_their_table() {
        let scratch = Scratch::new("no-detectors");
        let (store, _) = Store::open(scratch.path()).unwrap();
        let later = ["detectors", "audit", "standings", "notices", "deliveries", "silences", "workflows"];
        let drops = later.map(|table| format!("DROP TABLE {table};")).concat();
        store.db.execute_batch(&format!("{drops} PRAGMA user_version = 1")).unwrap();
        drop(store);
        let (mut store, damages) = Store::open(scratch.path()).unwrap();
        store.put_detector(&named("a"), true, 1).unwrap();
        assert_eq!(damages, []);
    }
}
