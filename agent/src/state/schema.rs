//! The tables, and how older databases become this one.

use rusqlite::Connection;

/// `user_version` of a database is the number of these that it has been through. Only ever append.
const MIGRATIONS: &[&str] = &[
    // Every row carries a checksum over its own table, key, time and record, because SQLite has none: a bit
    // that flips inside a value is a valid page with a wrong value.
    "CREATE TABLE alerts (key TEXT PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);
     CREATE TABLE transitions (key INTEGER PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);
     CREATE TABLE artifacts (key TEXT PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);
     CREATE TABLE snapshot (key INTEGER PRIMARY KEY, at_ms INTEGER, record BLOB, crc INTEGER);
     CREATE TABLE damaged (key INTEGER PRIMARY KEY, found_ms INTEGER, source TEXT, row_key, row_at_ms,
                           row_record, row_crc);",
    "CREATE TABLE detectors (key TEXT PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);",
    "CREATE TABLE audit (key INTEGER PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);",
    "CREATE TABLE standings (key TEXT PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);
     CREATE TABLE notices (key TEXT PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);
     CREATE TABLE deliveries (key INTEGER PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);
     CREATE TABLE silences (key TEXT PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);",
    "CREATE TABLE workflows (key TEXT PRIMARY KEY, at_ms INTEGER, record TEXT, crc INTEGER);",
];

/// Brings the schema up to date; false when the version is not one that this program knows.
pub fn migrate(db: &mut Connection) -> rusqlite::Result<bool> {
    let version: i32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (sql, own) in MIGRATIONS.iter().zip(1..).filter(|(_, own)| *own > version) {
        let step = db.transaction()?;
        step.execute_batch(sql)?;
        step.pragma_update(None, "user_version", own)?;
        step.commit()?;
    }
    Ok(usize::try_from(version).is_ok_and(|version| version <= MIGRATIONS.len()))
}
