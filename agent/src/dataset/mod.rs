//! Series that lie in files: one row a line, with a time and a value.
//!
//! The reader streams: it holds one line, whose length is bounded, so a file may be of any size. Whatever the
//! bytes are, each line that is not blank gives one row; what cannot be understood in it is a [`Fault`] of that row alone.

mod fields;
mod inputs;
mod instant;
mod layout;
mod line;
mod number;
mod rows;
mod source;

pub use inputs::{Input, find};
pub use instant::{date, instant};
pub use layout::Need;
pub use rows::{Fault, Reading, Row, Rows};
pub use source::open;

#[cfg(test)]
mod hostile_tests;
