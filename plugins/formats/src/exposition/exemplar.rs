//! ` # {trace="…"} 0.5 1700000000.0` behind a sample.

use super::cursor::Cursor;
use super::error::ReadError;
use super::family::Exemplar;
use super::line::blank;
use super::{labels, number};
use hostward_model::text::Format;

/// Most characters of an exemplar's label names and values together; the specification's number.
const LABEL_CHARS_MAX: usize = 128;

/// Reads an exemplar if the line goes on; text 0.0.4 has none.
pub fn parse(cursor: &mut Cursor<'_>, format: Format) -> Result<Option<Exemplar>, ReadError> {
    if format == Format::Text || !cursor.eat(" # ") {
        return Ok(None);
    }
    cursor.expect("{", "the labels of an exemplar")?;
    let labels = labels::parse(cursor, format)?;
    let chars: usize = labels.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum();
    if chars > LABEL_CHARS_MAX {
        return Err(
            cursor.error(format!("at most {LABEL_CHARS_MAX} characters in the labels of an exemplar"))
        );
    }
    blank(cursor, format)?;
    let value = number::value(cursor, "the value of an exemplar")?;
    let timestamp_s = if cursor.is_done() {
        None
    } else {
        blank(cursor, format)?;
        Some(number::timestamp(cursor, format)?)
    };
    Ok(Some(Exemplar { labels, value, timestamp_s }))
}
