//! History as it lies on disk: blocks of columns, written once and read in parts.
//!
//! ```text
//! MAGIC │ column │ column │ … │ index │ footer
//! ```
//!
//! A block holds the samples of a stretch of time. The samples of a probe share their times, so each of them has one
//! column of times ([`Line`]) and each series a column of values; the index says which series there are, at which of
//! the times they have values, and where their columns lie. A column and the index end with a checksum each, so that
//! what is damaged is known by itself and costs no more than itself.
//!
//! This module is about bytes. Files, their names and what is done when are the shell's.

mod codec;
mod fresh;
mod index;
mod merge;
mod strip;
mod write;

pub use codec::{times, values};
pub use fresh::{Fresh, Mark, Ticks};
pub use index::{FOOTER_BYTES, Footer, Index, Line, Place, Row};
pub use merge::{Input, Merged, merge};
pub use strip::{Run, Strip};
pub use write::Builder;

use crate::promql::source::Point;
use std::fmt;

/// On disk a series has one sample for each slot of this length: the last in it, so that counters stay exact.
pub const SLOT_MS: i64 = 10_000;

/// What a block begins and ends with; the digit is the version of the format.
pub const MAGIC: [u8; 8] = *b"hw-hist1";

/// The slot that a time belongs to: multiples of the slot's length lie in its middle, because samples lie on them.
pub fn slot(at_ms: i64) -> i64 {
    (at_ms + SLOT_MS / 2).div_euclid(SLOT_MS)
}

/// The first millisecond of a slot.
pub fn slot_start_ms(slot: i64) -> i64 {
    slot * SLOT_MS - SLOT_MS / 2
}

/// Which of the windows of so many milliseconds, which begin and end with slots, a time belongs to.
pub fn window(at_ms: i64, window_ms: i64) -> i64 {
    (at_ms + SLOT_MS / 2).div_euclid(window_ms)
}

/// Leaves the last point of each slot.
pub fn thin(points: &mut Vec<Point>) {
    let keeps: Vec<bool> = (0..points.len())
        .map(|at| points.get(at + 1).is_none_or(|next| slot(next.at_ms) != slot(points[at].at_ms)))
        .collect();
    let mut keeps = keeps.into_iter();
    points.retain(|_| keeps.next().unwrap_or(true));
}

/// Why bytes are no block, or no part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage(pub String);

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_slot_the_last_point_stays() {
        let point = |at_ms: i64| Point { at_ms, value: at_ms as f64 };
        let mut points: Vec<_> = [0, 4_999, 5_000, 9_990, 10_010, 20_000, 24_000].map(point).into();
        thin(&mut points);
        assert_eq!(points, [4_999, 10_010, 24_000].map(point));
        assert_eq!((slot(slot_start_ms(7)), slot(slot_start_ms(7) - 1)), (7, 6));
    }
}
