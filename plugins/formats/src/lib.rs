//! Readers of other programs' metric formats, one module each.
//!
//! A reader turns text into values and remembers nothing. It is strict: what it does not understand is an
//! error with line, column and word, never a value that is quietly dropped.

pub mod exposition;
