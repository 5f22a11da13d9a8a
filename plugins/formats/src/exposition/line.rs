//! One line: a sample or metadata.

use super::cursor::Cursor;
use super::error::ReadError;
use super::family::{Labels, Sample, Type};
use super::{exemplar, metadata, number};
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

/// Reads line number `line`.
pub fn parse(line: usize, text: &str, format: Format) -> Result<Line, ReadError> {
    let mut cursor = Cursor::new(line, text);
    skip(&mut cursor, format);
    if format == Format::Text && cursor.is_done() {
        return Ok(Line::Nothing);
    }
    if cursor.eat("#") {
        return metadata::parse(cursor, format);
    }
    sample(cursor, format).map(Line::Sample)
}

/// Steps over what separates two words: one space in OpenMetrics, any blanks in text 0.0.4.
pub fn blank(cursor: &mut Cursor<'_>, format: Format) -> Result<(), ReadError> {
    match format {
        Format::OpenMetrics => cursor.expect(" ", "one space"),
        Format::Text if skip(cursor, format).is_empty() => Err(cursor.error("a space")),
        Format::Text => Ok(()),
    }
}

fn sample(mut cursor: Cursor<'_>, format: Format) -> Result<Sample, ReadError> {
    let name = cursor.name(true, "a metric name")?.to_owned();
    let gap = skip(&mut cursor, format);
    let braces = cursor.eat("{");
    let labels = if braces { labels(&mut cursor, format)? } else { Labels::new() };
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

/// Steps over blanks where only text 0.0.4 may have them.
pub fn skip<'a>(cursor: &mut Cursor<'a>, format: Format) -> &'a str {
    match format {
        Format::Text => cursor.take_while(|c| c == ' ' || c == '\t'),
        Format::OpenMetrics => "",
    }
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

/// Reads labels after their opening brace.
pub fn labels(cursor: &mut Cursor<'_>, format: Format) -> Result<Labels, ReadError> {
    let mut labels = Labels::new();
    skip(cursor, format);
    while !cursor.eat("}") {
        let name = cursor.name(false, "a label name")?;
        if labels.iter().any(|(other, _)| other == name) {
            return Err(cursor.refuse(name, "each label once"));
        }
        skip(cursor, format);
        cursor.expect("=", "an equals sign after the label name")?;
        skip(cursor, format);
        labels.push((name.to_owned(), quoted(cursor)?));
        comma(cursor, format)?;
    }
    Ok(labels)
}

/// After a label: a comma, or the brace that closes; text 0.0.4 allows both.
fn comma(cursor: &mut Cursor<'_>, format: Format) -> Result<(), ReadError> {
    skip(cursor, format);
    let comma = cursor.eat(",");
    skip(cursor, format);
    match (comma, cursor.rest().starts_with('}')) {
        (false, false) => Err(cursor.error("a comma or a closing brace")),
        (true, true) if format == Format::OpenMetrics => Err(cursor.error("a label after the comma")),
        _ => Ok(()),
    }
}

fn quoted(cursor: &mut Cursor<'_>) -> Result<String, ReadError> {
    cursor.expect("\"", "a label value in double quotes")?;
    let mut value = String::new();
    while let Some(c) = cursor.next() {
        match c {
            '"' => return Ok(value),
            '\\' => value.push(escaped(cursor)),
            c => value.push(c),
        }
    }
    Err(cursor.error("a double quote at the end of the label value"))
}

/// A backslash before anything but `\`, `"` and `n` is a backslash.
fn escaped(cursor: &mut Cursor<'_>) -> char {
    match cursor.rest().chars().next() {
        Some('n') => cursor.next().map_or('\\', |_| '\n'),
        Some('\\' | '"') => cursor.next().unwrap_or('\\'),
        _ => '\\',
    }
}
