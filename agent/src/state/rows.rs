//! Rows with a checksum: what was written is what is read, or it is moved away and reported.

use super::damage::Damage;
use rusqlite::types::{ToSql, Value, ValueRef};
use rusqlite::{Connection, params};

/// How many damaged rows are kept; the oldest go.
const DAMAGED_MAX: u32 = 1000;

/// A table whose rows have `key`, `at_ms`, `record` and `crc`.
#[derive(Clone, Copy, Debug)]
pub struct Table(pub &'static str);

pub const ALERTS: Table = Table("alerts");
pub const TRANSITIONS: Table = Table("transitions");
pub const ARTIFACTS: Table = Table("artifacts");
pub const DETECTORS: Table = Table("detectors");
pub const AUDIT: Table = Table("audit");
pub const STANDINGS: Table = Table("standings");
pub const NOTICES: Table = Table("notices");
pub const DELIVERIES: Table = Table("deliveries");
pub const SILENCES: Table = Table("silences");
pub const WORKFLOWS: Table = Table("workflows");
pub const SNAPSHOT: Table = Table("snapshot");

/// A row as it lies in the database, whatever has become of its types.
struct Raw {
    rowid: i64,
    key: Value,
    at_ms: Value,
    record: Value,
    crc: Value,
}

/// Writes a row in place of any with the same key.
pub fn put(db: &Connection, table: Table, key: &Value, at_ms: i64, record: Value) -> rusqlite::Result<()> {
    let crc = checksum(table, key, &Value::Integer(at_ms), &record);
    let sql = format!("INSERT OR REPLACE INTO {} (key, at_ms, record, crc) VALUES (?1, ?2, ?3, ?4)", table.0);
    db.prepare(&sql)?.execute(params![key, at_ms, record, crc])?;
    Ok(())
}

/// Removes the row with this key.
pub fn remove(db: &Connection, table: Table, key: &dyn ToSql) -> rusqlite::Result<()> {
    db.prepare(&format!("DELETE FROM {} WHERE key = ?1", table.0))?.execute([key])?;
    Ok(())
}

/// The sound records, the latest first; `limit` bounds them.
pub fn latest(db: &Connection, table: Table, limit: usize) -> rusqlite::Result<Vec<Vec<u8>>> {
    let sql = format!("SELECT rowid, key, at_ms, record, crc FROM {} ORDER BY rowid DESC LIMIT ?1", table.0);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = db.prepare(&sql)?;
    let rows = statement.query_map([limit], raw)?;
    let sound = rows.filter(|row| row.as_ref().map_or(true, |row| row.is_sound(table)));
    sound.map(|row| Ok(bytes(&row?.record).to_vec())).collect()
}

/// Adds a row at the end of a log; of more than `rows_max` the oldest go.
pub fn append(
    db: &Connection,
    table: Table,
    at_ms: i64,
    record: Value,
    rows_max: u32,
) -> rusqlite::Result<()> {
    let next = format!("SELECT coalesce(max(key), 0) + 1 FROM {}", table.0);
    let key: i64 = db.prepare(&next)?.query_row([], |row| row.get(0))?;
    put(db, table, &Value::Integer(key), at_ms, record)?;
    db.prepare(&format!("DELETE FROM {} WHERE key <= ?1", table.0))?.execute([key - i64::from(rows_max)])?;
    Ok(())
}

/// The sound rows whose keys, which are text, begin with `prefix`, in the order of the keys.
pub fn beginning(
    db: &Connection,
    table: Table,
    prefix: &str,
    limit: usize,
) -> rusqlite::Result<Vec<(String, Vec<u8>)>> {
    let sql = format!(
        "SELECT rowid, key, at_ms, record, crc FROM {} WHERE key >= ?1 AND key < ?1 || char(1114111)
         ORDER BY key LIMIT ?2",
        table.0
    );
    let mut statement = db.prepare(&sql)?;
    let rows = statement.query_map(params![prefix, i64::try_from(limit).unwrap_or(i64::MAX)], raw)?;
    let sound = rows.filter(|row| row.as_ref().map_or(true, |row| row.is_sound(table)));
    sound.map(|row| row.map(|row| (row.name(), bytes(&row.record).to_vec()))).collect()
}

/// The sound rows of a log that came after the one of that key, in order.
pub fn after(db: &Connection, table: Table, key: i64, limit: usize) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
    let sql = format!(
        "SELECT rowid, key, at_ms, record, crc FROM {} WHERE key > ?1 ORDER BY key LIMIT ?2",
        table.0
    );
    let mut statement = db.prepare(&sql)?;
    let rows = statement.query_map(params![key, i64::try_from(limit).unwrap_or(i64::MAX)], raw)?;
    let sound = rows.filter(|row| row.as_ref().map_or(true, |row| row.is_sound(table)));
    sound.map(|row| row.map(|row| (row.rowid, bytes(&row.record).to_vec()))).collect()
}

/// All keys, which are text, in the order in which they came.
pub fn keys(db: &Connection, table: Table) -> rusqlite::Result<Vec<String>> {
    db.prepare(&format!("SELECT key FROM {} ORDER BY rowid", table.0))?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// The key, which is text, of the row that came last.
pub fn last_key(db: &Connection, table: Table) -> rusqlite::Result<Option<String>> {
    let mut statement = db.prepare(&format!("SELECT key FROM {} ORDER BY rowid DESC LIMIT 1", table.0))?;
    statement.query_map([], |row| row.get(0))?.next().transpose()
}

/// The record of one key, when it is sound.
pub fn get(db: &Connection, table: Table, key: &Value) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = format!("SELECT rowid, key, at_ms, record, crc FROM {} WHERE key = ?1", table.0);
    let mut statement = db.prepare(&sql)?;
    let row = statement.query_map([key], raw)?.next().transpose()?;
    Ok(row.filter(|row| row.is_sound(table)).map(|row| bytes(&row.record).to_vec()))
}

/// Whether a record can be understood, or why not.
pub type Readable = fn(&[u8]) -> Result<(), String>;

/// Moves every row whose checksum is wrong, or whose record is not understood, into the table `damaged`.
pub fn sift(
    db: &mut Connection,
    table: Table,
    readable: Readable,
    at_ms: i64,
) -> rusqlite::Result<Vec<Damage>> {
    let broken = broken(db, table, readable)?;
    if broken.is_empty() {
        // A write, even of nothing, could fail on a full disk.
        return Ok(Vec::new());
    }
    let step = db.transaction()?;
    for (row, _) in &broken {
        let sql = format!(
            "INSERT INTO damaged (found_ms, source, row_key, row_at_ms, row_record, row_crc)
             SELECT ?1, ?2, key, at_ms, record, crc FROM {} WHERE rowid = ?3",
            table.0
        );
        step.execute(&sql, params![at_ms, table.0, row.rowid])?;
        step.execute(&format!("DELETE FROM {} WHERE rowid = ?1", table.0), [row.rowid])?;
    }
    step.execute("DELETE FROM damaged WHERE key <= (SELECT max(key) FROM damaged) - ?1", [DAMAGED_MAX])?;
    step.commit()?;
    Ok(broken.into_iter().map(|(row, reason)| row.damage(table, reason)).collect())
}

fn broken(db: &Connection, table: Table, readable: Readable) -> rusqlite::Result<Vec<(Raw, String)>> {
    let mut statement = db.prepare(&format!("SELECT rowid, key, at_ms, record, crc FROM {}", table.0))?;
    let rows = statement.query_map([], raw)?;
    let broken = rows.filter_map(|row| match row {
        Err(error) => Some(Err(error)),
        Ok(row) => row.fault(table, readable).map(|reason| Ok((row, reason))),
    });
    broken.collect()
}

/// Text is taken as bytes: it need not be UTF-8 any more.
fn raw(row: &rusqlite::Row<'_>) -> rusqlite::Result<Raw> {
    let value = |index| Ok::<_, rusqlite::Error>(plain(row.get_ref(index)?));
    Ok(Raw { rowid: row.get(0)?, key: value(1)?, at_ms: value(2)?, record: value(3)?, crc: value(4)? })
}

fn plain(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

impl Raw {
    fn is_sound(&self, table: Table) -> bool {
        self.crc == Value::Integer(checksum(table, &self.key, &self.at_ms, &self.record))
    }

    fn fault(&self, table: Table, readable: Readable) -> Option<String> {
        if !self.is_sound(table) {
            return Some("its checksum does not match".to_owned());
        }
        readable(bytes(&self.record)).err().map(|error| format!("its record is not understood: {error}"))
    }

    fn name(&self) -> String {
        match &self.key {
            Value::Integer(number) => number.to_string(),
            key => String::from_utf8_lossy(bytes(key)).into_owned(),
        }
    }

    fn damage(&self, table: Table, reason: String) -> Damage {
        let what = format!("row {:?} of table {}", self.name(), table.0);
        Damage { what, reason, kept: "table damaged".to_owned() }
    }
}

/// CRC-32 over the table's name and the row; each part is preceded by its length.
fn checksum(table: Table, key: &Value, at_ms: &Value, record: &Value) -> i64 {
    let mut hash = crc32fast::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(table.0.as_bytes());
    for value in [key, at_ms, record] {
        match value {
            Value::Integer(number) => part(&number.to_le_bytes()),
            Value::Real(number) => part(&number.to_le_bytes()),
            value => part(bytes(value)),
        }
    }
    i64::from(hash.finalize())
}

fn bytes(value: &Value) -> &[u8] {
    match value {
        Value::Text(text) => text.as_bytes(),
        Value::Blob(bytes) => bytes,
        _ => &[],
    }
}
