//! Series that lie in files: one row a line, with a time and a value.
//!
//! The reader streams: it holds one line, whose length is bounded, so a file may be of any size. Whatever the
//! bytes are, each line that is not blank gives one row; what cannot be understood in it is a fault of that row alone.

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
pub use rows::{Reading, Row, Rows};
pub use source::open;

#[cfg(test)]
mod hostile_tests;

/// Reads CSV and throws the rows away, up to what must hold of them whatever was sent: for the fuzz target. An error of the
/// whole file or of a row says something, and numbers of lines go up.
pub fn read_csv(bytes: &[u8]) {
    for need in [Need::Values, Need::Labels] {
        let mut last = 0;
        match Rows::new(Box::new(std::io::Cursor::new(bytes.to_vec())), need) {
            Err(complaint) => assert!(!complaint.is_empty()),
            Ok(mut rows) => {
                while let Ok(Some(row)) = rows.read() {
                    assert!(row.line > last, "line {} after {last}", row.line);
                    last = row.line;
                    assert!(row.reading.err().is_none_or(|fault| !fault.to_string().is_empty()));
                }
            }
        }
    }
}
