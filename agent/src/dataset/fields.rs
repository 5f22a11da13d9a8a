//! The fields of a line, with or without quotes.

use std::borrow::Cow;

/// The fields of one line as they are written, quotes and all.
pub struct Fields<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

/// Splits a line. A separator in quotes is text; a quote that is not closed goes to the end of the line.
pub fn fields(line: &[u8], separator: u8) -> Fields<'_> {
    Fields { rest: Some(line), separator }
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let from = if rest.first() == Some(&b'"') { quoted_end(rest).unwrap_or(rest.len()) } else { 0 };
        let end = rest[from..].iter().position(|byte| *byte == self.separator).map(|at| from + at);
        self.rest = end.map(|end| &rest[end + 1..]);
        Some(&rest[..end.unwrap_or(rest.len())])
    }
}

/// Where the quotes at the beginning end; none when they are not closed.
fn quoted_end(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text[at..].iter().position(|byte| *byte == b'"')? + 1;
        if text.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

/// The text of a field, without its quotes. None when they are not closed, or something follows them.
pub fn text(field: &[u8]) -> Option<Cow<'_, str>> {
    if field.first() != Some(&b'"') {
        return Some(String::from_utf8_lossy(field));
    }
    let end = quoted_end(field).filter(|end| *end == field.len())?;
    let inner = &field[1..end - 1];
    let inner = String::from_utf8_lossy(inner);
    Some(if inner.contains("\"\"") { inner.replace("\"\"", "\"").into() } else { inner })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<Option<String>> {
        fields(line.as_bytes(), b',').map(|field| text(field).map(Cow::into_owned)).collect()
    }

    fn some<const N: usize>(words: [&str; N]) -> Vec<Option<String>> {
        words.map(|word| Some(word.to_owned())).into()
    }

    #[test]
    fn fields_are_split_and_unquoted() {
        assert_eq!(split("1,2,,"), some(["1", "2", "", ""]));
        assert_eq!(split(""), some([""]));
        assert_eq!(split("\"a,b\",\"c\"\"d\",\"\""), some(["a,b", "c\"d", ""]));
        assert_eq!(split("a\"b,c"), some(["a\"b", "c"]));
    }

    #[test]
    fn quotes_that_make_no_sense_are_noticed() {
        assert_eq!(split("1,\"2,3"), [Some("1".to_owned()), None]);
        assert_eq!(split("\"1\"2,3"), [None, Some("3".to_owned())]);
        assert_eq!(split("\""), [None]);
        assert_eq!(split("\"\"\""), [None]);
    }
}
