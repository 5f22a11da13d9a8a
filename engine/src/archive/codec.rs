//! One column as bytes: a byte that says how, the numbers, a checksum.
//!
//! Most series of a host do not move for hours; one of them is its value alone. The others are compressed by `pco`,
//! which finds steps, decimal fractions and how values differ from each other by itself.

use super::Damage;
use pco::data_types::Number;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, PagingSpec};

/// All values are the same one.
const SAME: u8 = 0;
/// Compressed.
const PACKED: u8 = 1;
/// As they are, eight bytes each.
const PLAIN: u8 = 2;
const CHECKSUM_BYTES: usize = 4;

/// Columns of values.
pub mod values {
    use super::{Damage, decode_bits, encode_bits, pack, unpack};

    /// The bytes of a column.
    pub fn encode(values: &[f64]) -> Vec<u8> {
        encode_bits(values, f64::to_bits, pack)
    }

    /// The values of a column that has so many.
    pub fn decode(bytes: &[u8], count: usize) -> Result<Vec<f64>, Damage> {
        decode_bits(bytes, count, f64::from_bits, unpack)
    }
}

/// Columns of times.
pub mod times {
    use super::{Damage, decode_bits, encode_bits, pack, unpack};

    /// The bytes of a column.
    pub fn encode(times: &[i64]) -> Vec<u8> {
        encode_bits(times, i64::cast_unsigned, pack)
    }

    /// The times of a column that has so many.
    pub fn decode(bytes: &[u8], count: usize) -> Result<Vec<i64>, Damage> {
        decode_bits(bytes, count, u64::cast_signed, unpack)
    }
}

fn encode_bits<T: Number>(numbers: &[T], bits: fn(T) -> u64, pack: fn(&[T]) -> Option<Vec<u8>>) -> Vec<u8> {
    let first = numbers.first().map_or(0, |first| bits(*first));
    let mut bytes = if numbers.iter().all(|own| bits(*own) == first) {
        [&[SAME][..], &first.to_le_bytes()].concat()
    } else {
        pack(numbers).unwrap_or_else(|| {
            let plain = numbers.iter().flat_map(|own| bits(*own).to_le_bytes());
            [PLAIN].into_iter().chain(plain).collect()
        })
    };
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

fn decode_bits<T: Number>(
    bytes: &[u8],
    count: usize,
    number: fn(u64) -> T,
    unpack: fn(&[u8], usize) -> Result<Vec<T>, String>,
) -> Result<Vec<T>, Damage> {
    let damage = |why: &str| Damage(format!("a column is damaged: {why}"));
    let (bytes, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(|| damage("too short"))?;
    if crc32fast::hash(bytes) != u32::from_le_bytes(*checksum) {
        return Err(damage("the checksum does not fit"));
    }
    match bytes {
        [SAME, same @ ..] => {
            let same = same.try_into().map_err(|_| damage("no value"))?;
            Ok(vec![number(u64::from_le_bytes(same)); count])
        }
        [PACKED, packed @ ..] => unpack(packed, count).map_err(|why| damage(&why)),
        [PLAIN, plain @ ..] if plain.len() == 8 * count => {
            let (all, _) = plain.as_chunks::<8>();
            Ok(all.iter().map(|own| number(u64::from_le_bytes(*own))).collect())
        }
        _ => Err(damage("of no known kind")),
    }
}

/// Nothing when the crate does not want the numbers.
fn pack<T: Number>(numbers: &[T]) -> Option<Vec<u8>> {
    let config = ChunkConfig::default().with_paging_spec(PagingSpec::Exact(vec![numbers.len()]));
    let file = FileCompressor::default();
    let bytes = file.write_header(vec![PACKED]).ok()?;
    let mut chunk = file.chunk_compressor(numbers, &config).ok()?;
    let bytes = chunk.write_meta(bytes).ok()?;
    chunk.write_page(0, bytes).ok()
}

fn unpack<T: Number>(bytes: &[u8], count: usize) -> Result<Vec<T>, String> {
    let read = || {
        let (file, rest) = FileDecompressor::new(bytes)?;
        let (mut chunk, rest) = file.chunk_decompressor::<T, _>(rest)?;
        let mut numbers = vec![T::default(); count];
        chunk.page_decompressor(rest, count)?.read(&mut numbers)?;
        Ok(numbers)
    };
    read().map_err(|error: pco::errors::PcoError| error.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_does_not_move_takes_no_room_and_a_counter_takes_little() {
        assert_eq!(values::encode(&[42.0; 8640]).len(), 13);
        let counter: Vec<f64> = (0..720_u32).map(|at| 1e9 + f64::from(at * 1000 + at * at % 37)).collect();
        let bytes = values::encode(&counter);
        assert!(bytes.len() < 720, "{} bytes", bytes.len());
        let regular: Vec<i64> = (0..720).map(|at| 1_763_733_600_000 + at * 10_000).collect();
        assert!(times::encode(&regular).len() < 60, "{} bytes", times::encode(&regular).len());
        assert_eq!(times::decode(&times::encode(&regular), 720).unwrap(), regular);
    }

    #[test]
    fn every_damaged_byte_is_noticed() {
        let bytes = values::encode(&[1.0, 2.5, 3.0, 9.0]);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(values::decode(&damaged, 4).is_err(), "byte {at}");
        }
        assert!(values::decode(&bytes[..3], 4).is_err());
    }

    proptest! {
        #[test]
        fn every_bit_comes_back(bits in prop::collection::vec(any::<u64>(), 0..300)) {
            let numbers: Vec<f64> = bits.iter().map(|bits| f64::from_bits(*bits)).collect();
            let back = values::decode(&values::encode(&numbers), numbers.len()).unwrap();
            prop_assert_eq!(back.iter().map(|own| own.to_bits()).collect::<Vec<_>>(), bits);
        }

        #[test]
        fn small_numbers_come_back(numbers in prop::collection::vec(-1000..1000, 1..300), shift in 0..4) {
            let numbers: Vec<f64> = numbers.iter().map(|own| f64::from(*own) / 10_f64.powi(shift)).collect();
            let back = values::decode(&values::encode(&numbers), numbers.len()).unwrap();
            prop_assert_eq!(back, numbers);
        }
    }
}
