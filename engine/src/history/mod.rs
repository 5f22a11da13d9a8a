//! The recent past of every series, compressed in memory.
//!
//! The samples of one probe run share their time, so times are kept once per probe ([`Timeline`]) and a series
//! keeps values alone ([`Column`]): a series that does not move costs one bit a sample. Two tiers answer
//! different questions: every sample for half an hour, one a minute for a day.

mod bits;
mod chunk;
mod column;
mod tail;
mod timeline;

pub use column::Column;
pub use tail::Tail;
pub use timeline::Timeline;

/// How long every sample is kept.
pub const RAW_MS: i64 = 30 * 60_000;
/// How long one sample a minute is kept.
pub const MINUTE_TIER_MS: i64 = 24 * 3_600_000;

/// The bits that say "this series has ended", the same as in Prometheus.
const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// The value that ends a series.
pub fn stale() -> f64 {
    f64::from_bits(STALE_BITS)
}

/// Whether a value is the end of a series, which no arithmetic yields.
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_BITS
}
