//! How the store fails.

use rusqlite::ErrorCode;
use std::fmt;

/// Nothing was written, or nothing could be read.
#[derive(Debug)]
pub enum StoreError {
    /// The database refuses.
    Database(rusqlite::Error),
    /// A file beside the database could not be moved or written.
    File {
        /// Which.
        path: std::path::PathBuf,
        /// The system's words.
        error: std::io::Error,
    },
    /// A record could not be put into words.
    Record(String),
}

impl StoreError {
    /// The content of the database is broken, not the way to it.
    pub fn is_damage(&self) -> bool {
        matches!(self, StoreError::Database(error) if is_damage(error))
    }
}

/// Short reads and failed checks of the file system come as extended codes of SQLITE_IOERR; the other I/O
/// errors (no space for the shared memory file, a lock that fails) say nothing about the content.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi;
    const READS: [i32; 4] = [
        ffi::SQLITE_IOERR_READ,
        ffi::SQLITE_IOERR_SHORT_READ,
        ffi::SQLITE_IOERR_DATA,
        ffi::SQLITE_IOERR_CORRUPTFS,
    ];
    let Some(failure) = error.sqlite_error() else { return true };
    match failure.code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown | ErrorCode::TooBig => true,
        ErrorCode::SystemIoFailure => READS.contains(&failure.extended_code),
        _ => false,
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::Database(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Database(error) => write!(f, "hostward.db: {error}"),
            StoreError::File { path, error } => write!(f, "{}: {error}", path.display()),
            StoreError::Record(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for StoreError {}
