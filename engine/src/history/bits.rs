//! Bits in a row, written once and read from the start.

use serde::{Deserialize, Serialize};

/// A growing string of bits, most significant first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bits {
    bytes: Vec<u8>,
    length: u32,
}

impl Bits {
    /// Appends the lowest `count` bits of `value`.
    pub fn push(&mut self, value: u64, count: u32) {
        let mut left = count;
        while left > 0 {
            let free = 8 - self.length % 8;
            if free == 8 {
                self.bytes.push(0);
            }
            let take = free.min(left);
            let part = (value >> (left - take)) & ((1 << take) - 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= (part << (free - take)) as u8;
            }
            self.length += take;
            left -= take;
        }
    }

    /// Gives back memory beyond what is used.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// Bytes used; what is held in reserve is not counted, so that a restored copy counts the same.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Reads from the first bit.
    pub fn reader(&self) -> Reader<'_> {
        Reader { bits: self, at: 0 }
    }
}

/// A position in a string of bits.
#[derive(Clone)]
pub struct Reader<'a> {
    bits: &'a Bits,
    at: u32,
}

impl Reader<'_> {
    /// The next `count` bits as a number, at most 64; `None` at the end.
    pub fn take(&mut self, count: u32) -> Option<u64> {
        let (byte, skip) = ((self.at / 8) as usize, self.at % 8);
        let mut word = self.peek();
        if skip + count > 64 {
            word |= u64::from(*self.bits.bytes.get(byte + 8)?) >> (8 - skip);
        }
        self.skip(count)?;
        word.checked_shr(64 - count).or(Some(0))
    }

    /// The next bits from the highest on: at least 57, zeros where there are no more.
    pub fn peek(&self) -> u64 {
        let rest = self.bits.bytes.get((self.at / 8) as usize..).unwrap_or_default();
        let word = match rest.first_chunk() {
            Some(eight) => u64::from_be_bytes(*eight),
            None => {
                let mut eight = [0; 8];
                eight[..rest.len()].copy_from_slice(rest);
                u64::from_be_bytes(eight)
            }
        };
        word << (self.at % 8)
    }

    /// Passes over `count` bits; `None` when there are not so many.
    pub fn skip(&mut self, count: u32) -> Option<()> {
        self.at += count;
        (self.at <= self.bits.length).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(parts in prop::collection::vec((any::<u64>(), 1u32..=64), 0..200)) {
            let mut bits = Bits::default();
            for (value, count) in &parts {
                bits.push(*value, *count);
            }
            let mut reader = bits.reader();
            for (value, count) in &parts {
                let kept = if *count == 64 { *value } else { value & ((1 << count) - 1) };
                prop_assert_eq!(reader.take(*count), Some(kept));
            }
            prop_assert_eq!(reader.take(1), None);
        }
    }
}
