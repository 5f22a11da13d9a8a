//! gzip (RFC 1952) with memory that is used again, in two parts of which the first can be shared.
//!
//! A compressor holds some 300 KiB. Taking them anew for each scrape costs more than compressing does. The first
//! part ends at a byte's boundary, and the second refers to nothing in it: so blocks that were made once can stand
//! before different ends.

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

/// Level 1: a scrape is text with much repetition, and higher levels gain little for much time.
const LEVEL: u32 = 1;
/// Magic, method 8 (deflate), no flags, no time, fastest, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// A compressor.
pub struct Gzip {
    deflate: Compress,
    out: Vec<u8>,
}

/// What the end must know of the beginning.
#[derive(Clone, Debug, Default)]
pub struct Begun(Hasher, u32);

impl Default for Gzip {
    fn default() -> Self {
        Gzip { deflate: Compress::new(Compression::new(LEVEL), false), out: Vec::new() }
    }
}

impl Gzip {
    /// The head and the first part.
    pub fn begin(&mut self, bytes: &[u8]) -> (&[u8], Begun) {
        self.out.clear();
        self.out.extend_from_slice(&HEAD);
        self.deflate(bytes, FlushCompress::Sync);
        let mut crc = Hasher::new();
        crc.update(bytes);
        (&self.out, Begun(crc, bytes.len() as u32))
    }

    /// The second part and the end.
    pub fn end(&mut self, begun: &Begun, bytes: &[u8]) -> &[u8] {
        self.out.clear();
        self.deflate(bytes, FlushCompress::Finish);
        let mut crc = begun.0.clone();
        crc.update(bytes);
        self.out.extend_from_slice(&crc.finalize().to_le_bytes());
        self.out.extend_from_slice(&begun.1.wrapping_add(bytes.len() as u32).to_le_bytes());
        &self.out
    }

    /// Compressing into memory fails only when it is used wrongly: then the rest is missing, and seen.
    fn deflate(&mut self, bytes: &[u8], flush: FlushCompress) {
        self.deflate.reset();
        self.out.reserve(bytes.len() / 6 + 512);
        loop {
            let done = self.deflate.total_in() as usize;
            let status = self.deflate.compress_vec(&bytes[done..], &mut self.out, flush);
            let is_full = self.out.len() == self.out.capacity();
            if !matches!(status, Ok(Status::Ok | Status::BufError))
                || (!is_full && flush == FlushCompress::Sync)
            {
                break;
            }
            self.out.reserve(self.out.len().max(512));
        }
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
        let texts = [b"".as_slice(), b"node_load1 0.5\n", &noise, &vec![b'a'; 300_000]];
        for first in texts {
            let (begin, begun) = gzip.begin(first);
            let begin = begin.to_vec();
            for second in texts {
                let whole = [&begin, gzip.end(&begun, second)].concat();
                let mut back = Vec::new();
                flate2::read::GzDecoder::new(whole.as_slice()).read_to_end(&mut back).unwrap();
                assert!(back == [first, second].concat(), "{} and {} bytes", first.len(), second.len());
            }
        }
    }
}
