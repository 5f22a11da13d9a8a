//! Lines with a value.

use super::cursor::Cursor;
use super::error::ReadError;
use super::family::{Labels, Sample};
use super::line::{blank, skip};
use super::{exemplar, labels, number};
use hostward_model::text::Format;

/// Reads the whole line.
pub fn parse(mut cursor: Cursor<'_>, format: Format) -> Result<Sample, ReadError> {
    let name = cursor.name(true, "a metric name")?.to_owned();
    let gap = skip(&mut cursor, format);
    let braces = cursor.eat("{");
    let labels = if braces { labels::parse(&mut cursor, format)? } else { Labels::new() };
    match format {
        Format::OpenMetrics => blank(&mut cursor, format)?,
        Format::Text if !braces && gap.is_empty() => return Err(cursor.error("a space after the name")),
        Format::Text => drop(skip(&mut cursor, format)),
    }
    let value = number::value(&mut cursor, "a value")?;
    let timestamp_s = timestamp(&mut cursor, format)?;
    let exemplar = exemplar::parse(&mut cursor, format)?;
    if !cursor.is_done() {
        return Err(cursor.error("the end of the line"));
    }
    Ok(Sample { name, labels, value, timestamp_s, exemplar })
}

fn timestamp(cursor: &mut Cursor<'_>, format: Format) -> Result<Option<f64>, ReadError> {
    skip(cursor, format);
    if cursor.is_done() || cursor.rest().starts_with(" # ") {
        return Ok(None);
    }
    if format == Format::OpenMetrics {
        blank(cursor, format)?;
    }
    let timestamp = number::timestamp(cursor, format)?;
    skip(cursor, format);
    Ok(Some(timestamp))
}
