//! One point of line protocol.

use crate::number::decimal;

/// What a line says.
#[derive(Debug, Default, PartialEq)]
pub struct Point {
    pub measurement: String,
    /// Without those whose value is empty.
    pub tags: Vec<(String, String)>,
    pub fields: Vec<(String, Value)>,
    pub timestamp_s: Option<f64>,
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Number(f64),
    /// Text is no number.
    Text,
}

/// Reads the point at the beginning (nothing for a comment) and tells where its line ends, which can be several lines further on:
/// a string may hold line feeds.
pub fn read(text: &str) -> Result<(Option<Point>, usize), String> {
    if text.starts_with('#') {
        return Ok((None, text.find('\n').unwrap_or(text.len())));
    }
    let mut at = 0;
    let mut point = Point { measurement: take(text, &mut at, &[',', ' ']), ..Point::default() };
    if point.measurement.is_empty() {
        return Err("a measurement must be there".to_owned());
    }
    while text[at..].starts_with(',') {
        let (tag, value) = tag(text, &mut at)?;
        if !value.is_empty() && !point.tags.iter().any(|(other, _)| *other == tag) {
            point.tags.push((tag, value));
        }
    }
    if !eat_blanks(text, &mut at) {
        return Err("fields must follow the measurement and its tags".to_owned());
    }
    loop {
        let field = field(text, &mut at)?;
        point.fields.push(field);
        if !text[at..].starts_with(',') {
            break;
        }
        at += 1;
    }
    let blank = eat_blanks(text, &mut at);
    let end = at + text[at..].find('\n').unwrap_or(text.len() - at);
    point.timestamp_s = match text[at..end].trim_end() {
        "" => None,
        _ if !blank => return Err("a comma, a blank or the end must follow a field".to_owned()),
        time => Some(timestamp(time)?),
    };
    Ok((Some(point), end))
}

fn eat_blanks(text: &str, at: &mut usize) -> bool {
    let rest = text[*at..].trim_start_matches([' ', '\t']);
    let eaten = text.len() - *at - rest.len();
    *at += eaten;
    eaten > 0
}

/// Takes characters up to one of `ends` or the end of the line. A backslash before one of them, or before `=`, takes its meaning away.
fn take(text: &str, at: &mut usize, ends: &[char]) -> String {
    let mut out = String::new();
    let mut chars = text[*at..].char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&(_, next))) if matches!(next, ',' | ' ' | '=') => {
                out.push(next);
                chars.next();
            }
            ('\n', _) => return taken(out, at, index),
            (c, _) if ends.contains(&c) => return taken(out, at, index),
            (c, _) => out.push(c),
        }
    }
    taken(out, at, text.len() - *at)
}

fn taken(out: String, at: &mut usize, by: usize) -> String {
    *at += by;
    out
}

fn tag(text: &str, at: &mut usize) -> Result<(String, String), String> {
    *at += 1;
    let key = key(text, at, "tag")?;
    let value = take(text, at, &[',', ' ']);
    Ok((key, value))
}

fn key(text: &str, at: &mut usize, what: &str) -> Result<String, String> {
    let key = take(text, at, &['=', ',', ' ']);
    if key.is_empty() || !text[*at..].starts_with('=') {
        return Err(format!("a {what} must be key=value, found {key:?}"));
    }
    *at += 1;
    Ok(key)
}

fn field(text: &str, at: &mut usize) -> Result<(String, Value), String> {
    let key = key(text, at, "field")?;
    if text[*at..].starts_with('"') {
        *at =
            string_end(text, *at + 1).ok_or_else(|| format!("a double quote must close the field {key}"))?;
        return Ok((key, Value::Text));
    }
    let end = text[*at..].find([',', ' ', '\t', '\r', '\n']).map_or(text.len(), |index| *at + index);
    let word = &text[*at..end];
    *at = end;
    let value =
        value(word).ok_or_else(|| format!("the field {key} is no number, text or boolean: {word:?}"))?;
    Ok((key, Value::Number(value)))
}

/// The place behind the double quote that closes a string.
fn string_end(text: &str, start: usize) -> Option<usize> {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            b'"' if !escaped => return Some(index + 1),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn value(word: &str) -> Option<f64> {
    match word {
        "t" | "T" | "true" | "True" | "TRUE" => return Some(1.0),
        "f" | "F" | "false" | "False" | "FALSE" => return Some(0.0),
        _ => {}
    }
    if let Some(integer) = word.strip_suffix('i') {
        return integer.parse::<i64>().ok().map(|value| value as f64);
    }
    if let Some(integer) = word.strip_suffix('u') {
        return integer.parse::<u64>().ok().map(|value| value as f64);
    }
    decimal(word)
}

/// A time in the unit that puts it into this century: senders can be set to any of them, and do not say to which.
fn timestamp(word: &str) -> Result<f64, String> {
    let bad = || format!("the time must be a whole number, found {word:?}");
    let time: i64 = word.parse().map_err(|_| bad())?;
    let scale = match time.unsigned_abs() {
        0..100_000_000_000 => 1.0,
        100_000_000_000..100_000_000_000_000 => 1e-3,
        100_000_000_000_000..100_000_000_000_000_000 => 1e-6,
        _ => 1e-9,
    };
    Ok(time as f64 * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match read(text) {
            Err(why) => why,
            Ok((None, end)) => format!("nothing, {end}"),
            Ok((Some(point), end)) => {
                let Point { measurement, tags, fields, timestamp_s } = point;
                let fields: Vec<_> = fields
                    .iter()
                    .map(|(key, value)| match value {
                        Value::Number(value) => format!("{key}={value}"),
                        Value::Text => format!("{key}=text"),
                    })
                    .collect();
                let tags: Vec<_> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("{measurement} {tags:?} {fields:?} {timestamp_s:?} {end}")
            }
        }
    }

    #[test]
    fn a_point_is_read() {
        let cases = [
            ("m v=1", "m [] [\"v=1\"] None 5"),
            ("m,a=1,b=x v=1i,w=-2u 5", "the field w is no number, text or boolean: \"-2u\""),
            (
                "m,a=1,b=x v=1i,w=2u 1700000000",
                "m [\"a=1\", \"b=x\"] [\"v=1\", \"w=2\"] Some(1700000000.0) 30",
            ),
            (
                "m v=t,w=False,x=\"a,\\\" b\nc\",y=.5 1\nn",
                "m [] [\"v=1\", \"w=0\", \"x=text\", \"y=0.5\"] Some(1.0) 33",
            ),
            (r"a\ b\,c,k\=1=v\ w f\,g=2", "a b,c [\"k=1=v w\"] [\"f,g=2\"] None 24"),
            ("# remark\nm v=1", "nothing, 8"),
            ("m,a=,b=1,b=2 v=1 ", "m [\"b=1\"] [\"v=1\"] None 17"),
            (",a=1 v=1", "a measurement must be there"),
            ("m", "fields must follow the measurement and its tags"),
            ("m ", "a field must be key=value, found \"\""),
            ("m v", "a field must be key=value, found \"v\""),
            ("m v=", "the field v is no number, text or boolean: \"\""),
            ("m v=nan", "the field v is no number, text or boolean: \"nan\""),
            ("m v=\"open", "a double quote must close the field v"),
            ("m v=1 soon", "the time must be a whole number, found \"soon\""),
            ("m,a v=1", "a tag must be key=value, found \"a\""),
            ("m v=\"x\"y", "a comma, a blank or the end must follow a field"),
        ];
        for (text, expected) in cases {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn a_time_is_read_by_its_size() {
        let times = ["1700000000", "1700000000500", "1700000000500000", "1700000000500000000"];
        let read = times.map(|time| timestamp(time).unwrap());
        assert_eq!(read, [1_700_000_000.0, 1_700_000_000.5, 1_700_000_000.5, 1_700_000_000.5]);
    }
}
