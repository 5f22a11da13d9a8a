//! The digest of a file, read in pieces.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};

/// A file that is larger is refused: what is watched is configuration.
pub const FILE_BYTES_MAX: u64 = 16 << 20;

/// The first 48 bits of the SHA-256, which a floating-point number holds exactly.
pub fn of(file: &File) -> io::Result<u64> {
    let (mut hash, mut bytes, mut left) = (Sha256::new(), [0; 16 << 10], FILE_BYTES_MAX + 1);
    loop {
        let read = file.take(left).read(&mut bytes)?;
        left -= read as u64;
        match read {
            _ if left == 0 => return Err(io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes"))),
            0 => break,
            _ => hash.update(&bytes[..read]),
        }
    }
    Ok(hash.finalize().iter().take(6).fold(0, |digest, byte| digest << 8 | u64::from(*byte)))
}
