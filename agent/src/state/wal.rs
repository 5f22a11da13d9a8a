//! Whether SQLite's recovery used all of the write-ahead log.
//!
//! Recovery stops without a word at the first frame whose checksum is wrong, and drops what was committed
//! after it. That is right for a frame torn by a power cut, and silent loss for a flipped bit. So the frames
//! that claim to be committed are counted before, and those that were used after.
//! Format: <https://www.sqlite.org/fileformat2.html#walformat>.

use super::damage::{Damage, companions};
use rusqlite::Connection;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// What the log beside `database` says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// So many frames, up to the last that ends a transaction.
    Frames(u64),
    /// There is a log, and its header makes no sense.
    Unreadable,
}

/// Reads the log beside `database`; one that is missing or empty promises nothing.
pub fn committed_frames(database: &Path) -> Promise {
    let [path, _] = companions(database);
    match File::open(path).and_then(|file| scan(&file)) {
        Ok(promise) => promise,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Promise::Frames(0),
        Err(_) => Promise::Unreadable,
    }
}

/// The damage, when recovery used fewer frames than were promised.
pub fn lost(db: &Connection, database: &Path, promise: Promise) -> rusqlite::Result<Option<Damage>> {
    let used: i64 = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?;
    let reason = match promise {
        Promise::Unreadable => "its header is damaged: the last changes are lost".to_owned(),
        Promise::Frames(promised) if promised > used.max(0) as u64 => {
            format!("{used} of {promised} frames are sound: the last changes are lost")
        }
        Promise::Frames(_) => return Ok(None),
    };
    let [path, _] = companions(database);
    let kept = "nothing; SQLite starts the log anew".to_owned();
    Ok(Some(Damage { what: path.display().to_string(), reason, kept }))
}

fn scan(file: &File) -> io::Result<Promise> {
    let length = file.metadata()?.len();
    if length < HEADER_BYTES as u64 {
        return Ok(if length == 0 { Promise::Frames(0) } else { Promise::Unreadable });
    }
    let mut header = [0; HEADER_BYTES];
    file.read_exact_at(&mut header, 0)?;
    let page_bytes = u64::from(word(&header, 8));
    if !is_sound(&header) || !(512..=65_536).contains(&page_bytes) {
        return Ok(Promise::Unreadable);
    }
    let frame_bytes = FRAME_HEADER_BYTES as u64 + page_bytes;
    let frames = (length - HEADER_BYTES as u64) / frame_bytes;
    last_commit(file, &header, frames, frame_bytes).map(Promise::Frames)
}

/// Frames of an earlier round of the log have other salts, both of them; one of two is a damaged frame of ours.
fn last_commit(file: &File, header: &[u8], frames: u64, frame_bytes: u64) -> io::Result<u64> {
    let mut last = 0;
    for index in 0..frames {
        let mut frame = [0; FRAME_HEADER_BYTES];
        file.read_exact_at(&mut frame, HEADER_BYTES as u64 + index * frame_bytes)?;
        let ours = frame[8..12] == header[16..20] || frame[12..16] == header[20..24];
        if ours && word(&frame, 4) != 0 {
            last = index + 1;
        }
    }
    Ok(last)
}

/// The checksum of the header: over its first 24 bytes, in the byte order that the magic number says.
fn is_sound(header: &[u8; HEADER_BYTES]) -> bool {
    let read = match word(header, 0) {
        0x377f_0682 => |bytes: &[u8], at: usize| word(bytes, at).swap_bytes(),
        0x377f_0683 => word,
        _ => return false,
    };
    let (mut first, mut second) = (0u32, 0u32);
    for at in (0..24).step_by(8) {
        first = first.wrapping_add(read(header, at)).wrapping_add(second);
        second = second.wrapping_add(read(header, at + 4)).wrapping_add(first);
    }
    (first, second) == (word(header, 24), word(header, 28))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
