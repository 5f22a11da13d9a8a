//! Up to 120 values of one series, each stored as what differs from the one before.
//!
//! The scheme is that of Pelkonen et al., "Gorilla: A Fast, Scalable, In-Memory Time Series Database" (VLDB
//! 2015, §4.1.2): XOR with the previous value, then only the bits between the leading and trailing zeros.

use super::bits::{Bits, Reader};
use serde::{Deserialize, Serialize};

/// Values after which a chunk is closed.
pub const CHUNK_SAMPLES_MAX: u16 = 120;

/// Values at ticks that follow each other without a hole.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Chunk {
    /// Tick of the first value.
    pub first: u64,
    /// Number of values.
    pub count: u16,
    bits: Bits,
    last: u64,
    window: Window,
}

/// The bits of a XOR that are written: `64 - leading - width` zeros follow them.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Window {
    leading: u8,
    width: u8,
}

impl Chunk {
    /// A chunk whose first value is `value`.
    pub fn new(tick: u64, value: f64) -> Self {
        let mut bits = Bits::default();
        bits.push(value.to_bits(), 64);
        Chunk { first: tick, count: 1, bits, last: value.to_bits(), window: Window::default() }
    }

    /// The tick after the last value.
    pub fn end(&self) -> u64 {
        self.first + u64::from(self.count)
    }

    /// Appends a value; the caller opens a new chunk once [`CHUNK_SAMPLES_MAX`] is reached.
    pub fn push(&mut self, value: f64) {
        let xor = value.to_bits() ^ self.last;
        self.last = value.to_bits();
        self.count += 1;
        if xor == 0 {
            return self.bits.push(0, 1);
        }
        let leading = xor.leading_zeros().min(31);
        let width = 64 - leading - xor.trailing_zeros();
        if self.window.holds(leading, width) {
            self.bits.push(0b10, 2);
        } else {
            self.window = Window { leading: leading as u8, width: width as u8 };
            self.bits.push(0b11, 2);
            self.bits.push(u64::from(leading), 5);
            self.bits.push(u64::from(width - 1), 6);
        }
        self.bits.push(xor >> self.window.shift(), u32::from(self.window.width));
    }

    /// Gives back memory that a closed chunk will not need.
    pub fn close(&mut self) {
        self.bits.shrink();
    }

    /// Bytes held, the struct itself included.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.bits.bytes()
    }

    /// The ticks and values in `from..to`, in order.
    pub fn range(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, f64)> + Clone {
        let skip = from.saturating_sub(self.first);
        let end = if from < to { to.saturating_sub(self.first).min(u64::from(self.count)) } else { 0 };
        (self.first + skip..).zip(self.values().take(end as usize).skip(skip.min(end) as usize))
    }

    /// The values in order.
    pub fn values(&self) -> Values<'_> {
        Values { reader: self.bits.reader(), left: self.count, last: None, window: Window::default() }
    }
}

impl Window {
    fn holds(self, leading: u32, width: u32) -> bool {
        let (own, own_width) = (u32::from(self.leading), u32::from(self.width));
        own_width > 0 && leading >= own && leading + width <= own + own_width
    }

    fn shift(self) -> u32 {
        64 - u32::from(self.leading) - u32::from(self.width)
    }
}

/// Reads a chunk from its first value.
#[derive(Clone)]
pub struct Values<'a> {
    reader: Reader<'a>,
    left: u16,
    last: Option<u64>,
    window: Window,
}

impl Iterator for Values<'_> {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        self.left = self.left.checked_sub(1)?;
        let bits = match self.last {
            None => self.reader.take(64)?,
            Some(last) => last ^ self.xor()?,
        };
        self.last = Some(bits);
        Some(f64::from_bits(bits))
    }
}

impl Values<'_> {
    /// `None` also for bits that no chunk writes, as a damaged snapshot can hold.
    fn xor(&mut self) -> Option<u64> {
        let head = self.reader.peek();
        if head >> 63 == 0 {
            return self.reader.skip(1).map(|()| 0);
        }
        if head >> 62 == 0b11 {
            self.reader.skip(13)?;
            self.window = Window { leading: (head >> 57 & 31) as u8, width: (head >> 51 & 63) as u8 + 1 };
        } else {
            self.reader.skip(2)?;
        }
        if self.window.width == 0 || self.window.leading + self.window.width > 64 {
            return None;
        }
        Some(self.reader.take(u32::from(self.window.width))? << self.window.shift())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunk_of(values: &[f64]) -> Chunk {
        let mut chunk = Chunk::new(7, values[0]);
        values[1..].iter().for_each(|value| chunk.push(*value));
        chunk
    }

    #[test]
    fn a_still_series_costs_a_bit_a_sample() {
        let chunk = chunk_of(&[42.0; 120]);
        assert_eq!(chunk.bits.reader().take(64), Some(42f64.to_bits()));
        assert_eq!(chunk.end(), 127);
        assert!(chunk.bits.bytes() <= 32, "{} bytes", chunk.bits.bytes());
    }

    proptest! {
        #[test]
        fn every_bit_comes_back(bits in prop::collection::vec(any::<u64>(), 1..120)) {
            let values: Vec<f64> = bits.iter().map(|bits| f64::from_bits(*bits)).collect();
            let back: Vec<u64> = chunk_of(&values).values().map(f64::to_bits).collect();
            prop_assert_eq!(back, bits);
        }
    }
}
