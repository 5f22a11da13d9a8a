//! Lines that begin with `#`.

use super::cursor::Cursor;
use super::error::ReadError;
use super::family::Type;
use super::line::{Line, blank, skip};
use hostward_model::text::Format;

/// Reads the line after its `#`.
pub fn parse(mut cursor: Cursor<'_>, format: Format) -> Result<Line, ReadError> {
    skip(&mut cursor, format);
    if format == Format::OpenMetrics {
        cursor.expect(" ", "one space after #")?;
    }
    let keyword = cursor.take_while(|c| c != ' ' && c != '\t');
    match (keyword, format) {
        ("HELP", _) => help(cursor, format),
        ("TYPE", _) => kind(cursor, format),
        ("UNIT", Format::OpenMetrics) => unit(cursor),
        ("EOF", Format::OpenMetrics) if cursor.is_done() => Ok(Line::Eof),
        (_, Format::Text) => Ok(Line::Nothing),
        _ => Err(cursor.refuse(keyword, "HELP, TYPE, UNIT or EOF after #")),
    }
}

fn help(mut cursor: Cursor<'_>, format: Format) -> Result<Line, ReadError> {
    let name = name(&mut cursor, format)?;
    skip(&mut cursor, format);
    if format == Format::OpenMetrics {
        cursor.expect(" ", "one space and a help text after the name")?;
    }
    Ok(Line::Help(name, unescape(cursor.rest(), format)))
}

fn kind(mut cursor: Cursor<'_>, format: Format) -> Result<Line, ReadError> {
    let name = name(&mut cursor, format)?;
    blank(&mut cursor, format)?;
    let word = cursor.take_while(|c| c != ' ' && c != '\t');
    let kind =
        Type::named(word, format).ok_or_else(|| cursor.refuse(word, "a type that this format knows"))?;
    skip(&mut cursor, format);
    if !cursor.is_done() {
        return Err(cursor.error("nothing after the type"));
    }
    Ok(Line::Type(name, kind))
}

fn unit(mut cursor: Cursor<'_>) -> Result<Line, ReadError> {
    let name = name(&mut cursor, Format::OpenMetrics)?;
    cursor.expect(" ", "one space and a unit after the name")?;
    let unit = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    if !cursor.is_done() {
        return Err(cursor.error("a unit of letters, digits and underscores"));
    }
    if !unit.is_empty() && !name.ends_with(&format!("_{unit}")) {
        return Err(cursor.refuse(unit, format!("the name {name} must end with the unit")));
    }
    Ok(Line::Unit(name, unit.to_owned()))
}

fn name(cursor: &mut Cursor<'_>, format: Format) -> Result<String, ReadError> {
    blank(cursor, format)?;
    Ok(cursor.name(true, "a metric name")?.to_owned())
}

/// Resolves the escapes of a help text; a backslash before anything else is a backslash.
fn unescape(text: &str, format: Format) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let resolved = match (c, chars.clone().next()) {
            ('\\', Some('\\')) => '\\',
            ('\\', Some('n')) => '\n',
            ('\\', Some('"')) if format == Format::OpenMetrics => '"',
            _ => {
                out.push(c);
                continue;
            }
        };
        chars.next();
        out.push(resolved);
    }
    out
}

impl Type {
    /// The type that a format calls `word`.
    fn named(word: &str, format: Format) -> Option<Type> {
        Some(match (word, format) {
            ("counter", _) => Type::Counter,
            ("gauge", _) => Type::Gauge,
            ("histogram", _) => Type::Histogram,
            ("summary", _) => Type::Summary,
            ("untyped", Format::Text) | ("unknown", Format::OpenMetrics) => Type::Unknown,
            ("gaugehistogram", Format::OpenMetrics) => Type::GaugeHistogram,
            ("info", Format::OpenMetrics) => Type::Info,
            ("stateset", Format::OpenMetrics) => Type::StateSet,
            _ => return None,
        })
    }
}
