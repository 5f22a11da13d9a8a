//! Opening the database: one that cannot be trusted is set aside, and a fresh one takes its place.

use super::damage::{self, Damage};
use super::fault::StoreError;
use super::rows::{self, Readable};
use super::{artifacts, audit, deliveries, detectors, record, schema, silences, wal, workflows};
use hostward_engine::Transition;
use hostward_engine::telling::{Notice, Standing};
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

const BUSY_MS: u64 = 2000;
/// What SQLite may keep of the database in memory: little is ever read twice.
const CACHE_KIB: i64 = 256;

/// Opens, checks and, where need be, replaces the database at `file`.
pub fn open(file: &Path, at_ms: i64) -> Result<(Connection, Vec<Damage>), StoreError> {
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
    let transition: Readable = |text| record::decode::<Transition>(text).map(drop);
    let standing: Readable = |text| record::decode::<Standing>(text).map(drop);
    let notice: Readable = |text| record::decode::<Notice>(text).map(drop);
    let delivery: Readable = |text| deliveries::decode(text).map(drop);
    let silence: Readable = |text| silences::decode(text).map(drop);
    let artifact: Readable = |text| artifacts::decode(text).map(drop);
    let detector: Readable = |text| detectors::decode(text).map(drop);
    let audit: Readable = audit::readable;
    let workflow: Readable = |text| workflows::decode(text).map(drop);
    for (table, readable) in [
        (rows::ALERTS, transition),
        (rows::TRANSITIONS, transition),
        (rows::ARTIFACTS, artifact),
        (rows::DETECTORS, detector),
        (rows::AUDIT, audit),
        (rows::STANDINGS, standing),
        (rows::NOTICES, notice),
        (rows::DELIVERIES, delivery),
        (rows::SILENCES, silence),
        (rows::WORKFLOWS, workflow),
    ] {
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
