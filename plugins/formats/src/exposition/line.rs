//! What a line can say, and what may stand between its words.

use super::cursor::Cursor;
use super::error::ReadError;
use super::family::{Sample, Type};
use hostward_model::text::Format;

/// What a line says.
pub enum Line {
    Help(String, String),
    Type(String, Type),
    Unit(String, String),
    Sample(Sample),
    Eof,
    /// A comment or an empty line, which only text 0.0.4 has.
    Nothing,
}

/// Steps over what separates two words: one space in OpenMetrics, any blanks in text 0.0.4.
pub fn blank(cursor: &mut Cursor<'_>, format: Format) -> Result<(), ReadError> {
    match format {
        Format::OpenMetrics => cursor.expect(" ", "one space"),
        Format::Text if skip(cursor, format).is_empty() => Err(cursor.error("a space")),
        Format::Text => Ok(()),
    }
}

/// Steps over blanks where only text 0.0.4 may have them.
pub fn skip<'a>(cursor: &mut Cursor<'a>, format: Format) -> &'a str {
    match format {
        Format::Text => cursor.take_while(|c| c == ' ' || c == '\t'),
        Format::OpenMetrics => "",
    }
}
