//! gzip (RFC 1952) with memory that is used again.
//!
//! A compressor holds some 300 KiB. Taking them anew for each scrape costs more than compressing does.

use flate2::{Compress, Compression, FlushCompress, Status};

/// Level 1: a scrape is text with much repetition, and higher levels gain little for much time.
const LEVEL: u32 = 1;
/// Magic, method 8 (deflate), no flags, no time, fastest, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// A compressor.
pub struct Gzip(Compress);

impl Default for Gzip {
    fn default() -> Self {
        Gzip(Compress::new(Compression::new(LEVEL), false))
    }
}

impl Gzip {
    /// The bytes, compressed.
    pub fn compress(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.0.reset();
        let mut out = Vec::with_capacity(bytes.len() / 6 + 512);
        out.extend_from_slice(&HEAD);
        loop {
            let done = self.0.total_in() as usize;
            let status = self.0.compress_vec(&bytes[done..], &mut out, FlushCompress::Finish);
            // Compressing into memory fails only when it is used wrongly: then the end is missing, and seen.
            if !matches!(status, Ok(Status::Ok | Status::BufError)) {
                break;
            }
            out.reserve(out.len());
        }
        out.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
        out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Gzip;
    use std::io::Read;

    #[test]
    fn what_was_compressed_comes_back() {
        let mut gzip = Gzip::default();
        let noise: Vec<u8> = (0..50_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for bytes in [b"".as_slice(), b"node_load1 0.5\n", &noise, &vec![b'a'; 300_000]] {
            let mut back = Vec::new();
            let compressed = gzip.compress(bytes);
            flate2::read::GzDecoder::new(compressed.as_slice()).read_to_end(&mut back).unwrap();
            assert!(back == bytes, "{} bytes", bytes.len());
        }
    }
}
