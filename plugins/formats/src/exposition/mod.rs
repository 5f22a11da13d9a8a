//! The Prometheus text format 0.0.4 and OpenMetrics 1.0, read and written.
//!
//! Both formats share their lines and differ in their rules, so there is one reader that is told which of the
//! two it has before it: line by line, then grouped into families, then held to the rules of each
//! family's type. What OpenMetrics adds and this reader leaves out: nothing is checked about the *names* of
//! the states of a stateset, and `_created` values are read as any other sample.

mod cursor;
mod error;
mod exemplar;
mod family;
mod gather;
mod labels;
mod line;
mod metadata;
mod number;
mod order;
mod rules;
mod sample;
mod write;

pub use error::ReadError;
pub use family::{Exemplar, Family, Labels, Sample, Type};
pub use hostward_model::text::Format;
pub use write::write;

use cursor::Cursor;
use gather::Gathering;
use line::Line;

/// Reads a whole exposition.
pub fn read(text: &str, format: Format) -> Result<Vec<Family>, ReadError> {
    let mut gathering = Gathering::new(format);
    let body = text.strip_suffix('\n').unwrap_or(text);
    if text.is_empty() {
        return gathering.finish(1);
    }
    let mut count = 0;
    for (index, text) in body.split('\n').enumerate() {
        count = index + 1;
        gathering.take(count, line(count, text, format)?)?;
    }
    if format == Format::Text && !text.ends_with('\n') {
        let last = body.rsplit('\n').next().unwrap_or("");
        return Err(ReadError::new(
            count,
            last.chars().count() + 1,
            "",
            "the last line must end with a line feed",
        ));
    }
    gathering.finish(count)
}

/// Reads a line: a sample or metadata.
fn line(number: usize, text: &str, format: Format) -> Result<Line, ReadError> {
    let mut cursor = Cursor::new(number, text);
    line::skip(&mut cursor, format);
    if format == Format::Text && cursor.is_done() {
        return Ok(Line::Nothing);
    }
    if cursor.eat("#") {
        return metadata::parse(cursor, format);
    }
    sample::parse(cursor, format).map(Line::Sample)
}
