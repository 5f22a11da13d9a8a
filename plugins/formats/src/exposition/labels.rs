//! The labels of a sample or an exemplar.

use super::cursor::Cursor;
use super::error::ReadError;
use super::family::Labels;
use super::line::skip;
use hostward_model::text::Format;

/// Reads labels after their opening brace.
pub fn parse(cursor: &mut Cursor<'_>, format: Format) -> Result<Labels, ReadError> {
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
