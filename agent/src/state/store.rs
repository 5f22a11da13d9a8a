//! The open database. What it keeps has a file for each kind of thing, with what can be asked of it.

use super::stance::Stance;
use rusqlite::Connection;
use std::path::PathBuf;

/// The open database of a state directory: plain synchronous code, owned by one thread.
#[derive(Debug)]
pub struct Store {
    pub(super) db: Connection,
    pub(super) dir: PathBuf,
    pub(super) stance: Stance,
}
