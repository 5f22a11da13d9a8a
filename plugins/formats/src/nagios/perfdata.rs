//! Performance data: `'label'=value[unit];[warning];[critical];[min];[max]`, separated by blanks.

use crate::Range;
use crate::number::{decimal, field, leading};
use crate::unit::Unit;
use std::borrow::Cow;

/// One of them.
#[derive(Debug)]
pub struct Datum<'a> {
    pub label: Cow<'a, str>,
    /// Nothing for `U`, which says that there is no value.
    pub value: Option<f64>,
    pub unit: &'a str,
    pub warning: Option<Range>,
    pub critical: Option<Range>,
    pub min: Option<f64>,
    pub max: Option<f64>,
}

/// Reads all of a line and tells each, or why it is none.
pub fn read<'a>(line: &'a str, mut tell: impl FnMut(Result<Datum<'a>, String>)) {
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = word(rest);
        rest = after.trim_start();
        let mut datum = datum(word);
        if let Ok(datum) = &mut datum {
            rest = unit_apart(datum, rest);
        }
        tell(datum);
    }
}

/// Takes a word; blanks within the single quotes around its label do not end it.
fn word(text: &str) -> (&str, &str) {
    let label = text.strip_prefix('\'').and_then(closing).map_or(0, |at| at + 1);
    let end = text[label..].find(char::is_whitespace).map_or(text.len(), |at| label + at);
    text.split_at(end)
}

/// Where the single quote is that closes a label; two of them are a character of the label.
fn closing(quoted: &str) -> Option<usize> {
    let bytes = quoted.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\'', Some(b'\'')) => at += 2,
            (b'\'', _) => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// `entropy=256 bytes`: a unit behind a blank is taken if the value has none and the word is a unit that is known.
fn unit_apart<'a>(datum: &mut Datum<'a>, rest: &'a str) -> &'a str {
    let (word, after) = word(rest);
    if datum.unit.is_empty() && datum.value.is_some() && Unit::named(word).is_some() {
        datum.unit = word;
        return after.trim_start();
    }
    rest
}

fn datum(word: &str) -> Result<Datum<'_>, String> {
    let bad = |what: &str| format!("performance data {word:?}: {what}");
    let (label, rest) = label(word).ok_or_else(|| bad("no label=value"))?;
    if label.is_empty() {
        return Err(bad("the label is empty"));
    }
    let mut fields = rest.split(';');
    let (number, unit) = leading(fields.next().unwrap_or(""));
    let (value, unit) = match (number, unit) {
        ("", "U") => (None, ""),
        _ => (Some(decimal(number).ok_or_else(|| bad("the value is no number"))?), unit),
    };
    if unit.starts_with(|c: char| c.is_ascii_digit() || matches!(c, ',' | ':' | '.' | '-' | '+' | '=')) {
        return Err(bad("the value is no number"));
    }
    let mut next = || fields.next().map(|field| bare(field, unit));
    Ok(Datum {
        warning: field(next(), Range::nagios, "range").map_err(|why| bad(&why))?,
        critical: field(next(), Range::nagios, "range").map_err(|why| bad(&why))?,
        min: field(next(), decimal, "number").map_err(|why| bad(&why))?,
        max: field(next(), decimal, "number").map_err(|why| bad(&why))?,
        label,
        value,
        unit,
    })
}

/// Some plugins repeat the unit behind each number.
fn bare<'a>(field: &'a str, unit: &str) -> &'a str {
    field.trim().strip_suffix(unit).unwrap_or(field)
}

/// The label and what follows its equals sign.
fn label(word: &str) -> Option<(Cow<'_, str>, &str)> {
    match word.strip_prefix('\'').and_then(|quoted| Some((quoted, closing(quoted)?))) {
        None => word.split_once('=').map(|(label, rest)| (Cow::Borrowed(label), rest)),
        Some((quoted, end)) => {
            let rest = quoted[end + 1..].strip_prefix('=')?;
            Some((quoted[..end].replace("''", "'").into(), rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let mut told = Vec::new();
        read(line, |datum| {
            told.push(match datum {
                Err(why) => why,
                Ok(d) => {
                    let value = d.value.map_or("U".to_owned(), |value| value.to_string());
                    let range =
                        |range: Option<Range>| range.map_or(String::new(), |range| format!(" [{range}]"));
                    format!("{}={value} {}{}{}", d.label, d.unit, range(d.warning), range(d.critical))
                }
            })
        });
        told.join(" | ")
    }

    #[test]
    fn labels_may_be_quoted() {
        assert_eq!(told("'free space'=1MB 'it''s'=2 /=3 a'b=4"), "free space=1 MB | it's=2  | /=3  | a'b=4 ");
        assert_eq!(told("'open=1 b=2"), "'open=1  | b=2 ");
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(
            told("a=1;~:4;@0:6;0; b=U;1;2 c=5c;;10:"),
            "a=1  [above 4] [from 0 to 6] | b=U  [below 0 or above 1] [below 0 or above 2] | \
             c=5 c [below 10]"
        );
    }

    #[test]
    fn a_unit_may_stand_apart_or_be_repeated() {
        assert_eq!(told("entropy=256 bytes x=1"), "entropy=256 bytes | x=1 ");
        assert_eq!(told("t=5ms;10ms;20ms"), "t=5 ms [below 0 or above 10] [below 0 or above 20]");
        assert_eq!(told("n=1 apples"), "n=1  | performance data \"apples\": no label=value");
    }

    #[test]
    fn what_is_no_number_is_named() {
        assert_eq!(
            told("=3;;;; x=;;; y=1,5 z=1;a"),
            "performance data \"=3;;;;\": the label is empty | performance data \"x=;;;\": the value is no number | \
             performance data \"y=1,5\": the value is no number | performance data \"z=1;a\": a is no range"
        );
    }
}
