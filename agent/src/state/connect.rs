//! Opening the database: one that cannot be trusted is set aside, and a fresh one takes its place.

use super::audit::Link;
use super::damage::{self, Damage};
use super::deliveries::Delivery;
use super::detectors::NamedDetector;
use super::fault::StoreError;
use super::rows::{self, Readable, Table};
use super::stance::Stance;
use super::store::Store;
use super::{json, record, schema, silences, wal};
use crate::outbox::Artifact;
use crate::silence::Silence;
use hostward_engine::Transition;
use hostward_engine::telling::{Notice, Standing};
use hostward_harden::workflow::Run;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

const FILE: &str = "hostward.db";
const BUSY_MS: u64 = 2000;
/// What SQLite may keep of the database in memory: little is ever read twice.
const CACHE_KIB: i64 = 256;

/// The tables, and who can say whether a record of them is understood.
const TABLES: [(Table, Readable); 10] = [
    (rows::ALERTS, record::check::<Transition>),
    (rows::TRANSITIONS, record::check::<Transition>),
    (rows::ARTIFACTS, json::check::<Artifact>),
    (rows::DETECTORS, json::check::<NamedDetector>),
    (rows::AUDIT, json::check::<Link>),
    (rows::STANDINGS, record::check::<Standing>),
    (rows::NOTICES, record::check::<Notice>),
    (rows::DELIVERIES, json::check::<Delivery>),
    (rows::SILENCES, json::check::<Silence>),
    (rows::WORKFLOWS, json::check::<Run>),
];

impl Store {
    /// Opens the database of `dir`; whatever is damaged in it is set aside and told.
    pub fn open(dir: &Path) -> Result<(Store, Vec<Damage>), StoreError> {
        let (db, damages) = open(&dir.join(FILE), damage::now_ms())?;
        let stance = Stance { silences: silences::load(&db)?, ..Stance::default() };
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
}

/// Opens, checks and, where need be, replaces the database at `file`.
fn open(file: &Path, at_ms: i64) -> Result<(Connection, Vec<Damage>), StoreError> {
    match open_sound(file, at_ms) {
        Ok(opened) => Ok(opened),
        Err(Refusal::Failed(error)) if !error.is_damage() => Err(error),
        Err(refusal) => {
            let found = set_aside(file, at_ms, refusal.to_string())?;
            let (db, mut damages) = open_sound(file, at_ms).map_err(StoreError::from)?;
            damages.insert(0, found);
            Ok((db, damages))
        }
    }
}

/// Why a database is not used.
enum Refusal {
    /// SQLite says so.
    Failed(StoreError),
    /// We say so.
    Unsound(String),
}

fn open_sound(file: &Path, at_ms: i64) -> Result<(Connection, Vec<Damage>), Refusal> {
    let promised = wal::committed_frames(file);
    let mut db = connect(file)?;
    check(&db)?;
    if !schema::migrate(&mut db)? {
        return Err(Refusal::Unsound(
            "its version is not known: written by a newer hostward, or damaged".to_owned(),
        ));
    }
    let mut damages: Vec<Damage> = wal::lost(&db, file, promised)?.into_iter().collect();
    for (table, readable) in TABLES {
        damages.extend(rows::sift(&mut db, table, readable, at_ms)?);
    }
    Ok((db, damages))
}

/// FULL: a transition that was told must survive a power cut, not only a killed process.
///
/// EXCLUSIVE: the index of the log is kept in memory. Shared, it is a file that every start has to make, and
/// on a full disk hostward could not start when it is needed most. Others cannot open the database while the
/// daemon runs; they ask its socket.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(file)?;
    db.busy_timeout(Duration::from_millis(BUSY_MS))?;
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // Keeps the log from staying as large as its largest snapshot.
    db.pragma_update(None, "journal_size_limit", 4 << 20)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    Ok(db)
}

/// `integrity_check` rather than `quick_check`: that does not compare an index with its table, and the
/// database is small.
fn check(db: &Connection) -> Result<(), Refusal> {
    let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Refusal::Unsound(verdict.replace('\n', " "))) }
}

/// Moves the database and its companions; they keep belonging to each other under the new name.
fn set_aside(file: &Path, at_ms: i64, reason: String) -> Result<Damage, StoreError> {
    let kept = damage::aside(file, at_ms);
    let failed = |error| StoreError::File { path: file.to_owned(), error };
    for (from, to) in damage::companions(file).iter().zip(damage::companions(&kept)) {
        absent_is_fine(fs::rename(from, to)).map_err(failed)?;
    }
    absent_is_fine(fs::rename(file, &kept)).map_err(failed)?;
    damage::forget_oldest(file).map_err(failed)?;
    Ok(Damage { what: file.display().to_string(), reason, kept: kept.display().to_string() })
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Refusal::Failed(error.into())
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Failed(error) => error,
            Refusal::Unsound(reason) => StoreError::Record(format!("a fresh database is unsound: {reason}")),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::Failed(error) => write!(f, "{error}"),
            Refusal::Unsound(reason) => f.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::{Scratch, alert, transition};
    use hostward_engine::State::{Firing, Inactive};

    #[test]
    fn damage_while_running_is_told_and_healed() {
        let scratch = Scratch::new("heal");
        let mut store = scratch.store();
        store.record(&[transition(1, Inactive, Firing)]).unwrap();
        store.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        fs::write(scratch.path().join(FILE), vec![0x5a; 40_000]).unwrap();
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
        let mut store = scratch.store();
        store.record(&[transition(1, Inactive, Firing)]).unwrap();
        let mut names: Vec<_> =
            fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [FILE, "hostward.db-wal"]);
    }
}
