//! What is usual for one series, learnt from its own past in one pass and bounded memory.
//!
//! These are the parts a detector is made of: how often values come ([`Pace`]), the latest of them ([`Recent`]), the
//! usual course of a day and of a week ([`Season`]) and how far from what was expected values usually are ([`Spread`]).
//!
//! Values are kept as `f32` distances from the first value of the series, so that a small movement of a large level
//! is not lost; sums and differences are made in `f64`.

mod day;
mod half;
mod pace;
mod recent;
mod season;
mod spread;
mod week;

pub use day::{Day, Usual};
pub use pace::{Pace, fading};
pub use recent::{Recent, Shape, median};
pub use season::Season;
pub use spread::Spread;
pub use week::Week;

/// Values are held within this, so that squares and sums of them stay finite.
pub const MAGNITUDE_MAX: f64 = 1e36;

/// The least distance that counts: what `f32` can tell apart at this level.
pub fn grain(level: f64) -> f64 {
    1e-6 * level.abs() + 1e-12
}
