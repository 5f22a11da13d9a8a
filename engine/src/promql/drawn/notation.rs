//! The notation: `1 2 3`, `0+10x5`, `_x3`, `stale`, and label sets in braces.

use super::VALUES_MAX;
use crate::history;
use crate::labels::{Labels, NAME};

/// What a drawing has at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drawing {
    /// A value, or the mark that the series has ended.
    Value(f64),
    /// A native histogram, which is not read.
    Histogram,
    /// `_`
    Nothing,
}

/// The values of a drawing.
pub fn values(text: &str) -> Result<Vec<Drawing>, String> {
    let mut values = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (word, after) = word(rest);
        expand(word, &mut values)?;
        rest = after.trim_start();
    }
    Ok(values)
}

/// A word ends at space, but not inside the double braces of a histogram.
fn word(text: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    let ends = |(_, c): &(usize, char)| match c {
        '{' => {
            depth += 1;
            false
        }
        '}' => {
            depth = depth.saturating_sub(1);
            false
        }
        c => c.is_whitespace() && depth == 0,
    };
    let end = text.char_indices().find(ends).map_or(text.len(), |(at, _)| at);
    text.split_at(end)
}

fn expand(word: &str, values: &mut Vec<Drawing>) -> Result<(), String> {
    let wrong = || format!("`{word}` is not a value: write as in 1 0+10x5 _x3 stale");
    if word.contains("{{") {
        let times = word.rsplit_once('x').and_then(|(_, times)| times.parse::<usize>().ok());
        return repeat(Drawing::Histogram, times.map_or(1, |times| times.saturating_add(1)), values);
    }
    let (body, times) = match word.rsplit_once('x') {
        Some((body, times)) => (body, Some(times.parse::<usize>().map_err(|_| wrong())?)),
        None => (word, None),
    };
    match body {
        "_" => return repeat(Drawing::Nothing, times.unwrap_or(1), values),
        "stale" => {
            let count = times.map_or(1, |times| times.saturating_add(1));
            return repeat(Drawing::Value(history::stale()), count, values);
        }
        _ => {}
    }
    let (start, step) = split(body);
    let start: f64 = start.parse().map_err(|_| wrong())?;
    let Some(times) = times else {
        return if step.is_empty() { repeat(Drawing::Value(start), 1, values) } else { Err(wrong()) };
    };
    let step: f64 = if step.is_empty() { 0.0 } else { step.parse().map_err(|_| wrong())? };
    let mut value = start;
    for _ in 0..=times {
        // Added up as Prometheus does it, so that rounding is the same.
        repeat(Drawing::Value(value), 1, values)?;
        value += step;
    }
    Ok(())
}

fn repeat(value: Drawing, times: usize, values: &mut Vec<Drawing>) -> Result<(), String> {
    if values.len().saturating_add(times) > VALUES_MAX {
        return Err(format!("a series may have {VALUES_MAX} values"));
    }
    values.extend(std::iter::repeat_n(value, times));
    Ok(())
}

/// Start and signed step of `0+10`; a sign after `e` belongs to the exponent.
fn split(body: &str) -> (&str, &str) {
    let sign =
        body.char_indices().skip(1).find(|(at, c)| "+-".contains(*c) && !body[..*at].ends_with(['e', 'E']));
    sign.map_or((body, ""), |(at, _)| body.split_at(at))
}

/// The label set that a text begins with, and the rest of it: `name{label="value"}`, `{label="value"}` or `name`.
pub fn labels(text: &str) -> Result<(Labels, &str), String> {
    let text = text.trim_start();
    let end = text.find(|c: char| c.is_whitespace() || c == '{').unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let mut labels = Labels::new([(NAME, name)]);
    let braced = rest.trim_start().strip_prefix('{').filter(|after| !after.starts_with('{'));
    let Some(after) = braced else {
        return if name.is_empty() { Err(format!("`{text}` names no series")) } else { Ok((labels, rest)) };
    };
    rest = after.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((labels, after));
        }
        rest = pair(rest, &mut labels)?.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if rest.starts_with('}') => rest,
            None => return Err(format!("`{text}`: after a label there is , or }}")),
        };
    }
}

/// `label="value"`, or the metric name alone as a string.
fn pair<'a>(text: &'a str, labels: &mut Labels) -> Result<&'a str, String> {
    let (label, rest) = if text.starts_with(['"', '\'', '`']) {
        string(text)?
    } else {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        (text[..end].to_owned(), &text[end..])
    };
    let rest = rest.trim_start();
    let Some(after) = rest.strip_prefix('=') else {
        if text.starts_with('"') {
            labels.set(NAME, label);
            return Ok(rest);
        }
        return Err(format!("`{text}`: after the name of a label there is ="));
    };
    let (value, rest) = string(after.trim_start())?;
    labels.set(label, value);
    Ok(rest)
}

/// The string that a text begins with, and the rest of it.
fn string(text: &str) -> Result<(String, &str), String> {
    let unclosed = || format!("`{text}`: the string is never closed");
    let quote =
        text.chars().next().filter(|c| "\"'`".contains(*c)).ok_or(format!("`{text}` is not a string"))?;
    let (mut out, mut chars) = (String::new(), text[1..].chars());
    loop {
        match chars.next().ok_or_else(unclosed)? {
            c if c == quote => return Ok((out, chars.as_str())),
            '\\' if quote != '`' => out.push(match chars.next().ok_or_else(unclosed)? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                c => c,
            }),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_expanded() {
        let shown = |text: &str| {
            let values = values(text).unwrap();
            let one = |value: &Drawing| match value {
                Drawing::Value(value) if history::is_stale(*value) => "stale".to_owned(),
                Drawing::Value(value) => value.to_string(),
                Drawing::Histogram => "H".to_owned(),
                Drawing::Nothing => "_".to_owned(),
            };
            values.iter().map(one).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown("1 -2 1e3 NaN Inf"), "1 -2 1000 NaN inf");
        assert_eq!(shown("0+10x3 5-1x2 7x2"), "0 10 20 30 5 4 3 7 7 7");
        assert_eq!(shown("1e-3+1e-3x1"), "0.001 0.002");
        assert_eq!(shown("_ _x2 stale stalex1"), "_ _ _ stale stale stale");
        assert_eq!(shown("{{schema:0 sum:1}} {{count:1}}+{{count:2}}x2 1"), "H H H H 1");
        for bad in ["1+", "x5", "a", "1+2", "1x", "0+1x99999999"] {
            assert!(values(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn labels_are_read() {
        let shown = |text: &str| labels(text).map(|(labels, rest)| format!("{labels}|{rest}"));
        assert_eq!(shown("up 1 2").unwrap(), "up| 1 2");
        assert_eq!(shown("a:b{x=\"1\", y='2',} 5").unwrap(), "a:b{x=\"1\",y=\"2\"}| 5");
        assert_eq!(shown("{__name__=\"up\"} 1").unwrap(), "up| 1");
        assert_eq!(shown("{} 1").unwrap(), "{}| 1");
        assert_eq!(shown(r#"a{x="q\"}"} 1"#).unwrap(), r#"a{x="q\"}"}| 1"#);
        assert_eq!(shown(r#"{"a.b", x="1"} 1"#).unwrap(), r#"{"a.b",x="1"}| 1"#);
        for bad in ["", "a{x}", "a{x=\"1\"", "a{x=1}", "a{x=\"1\" y=\"2\"}", "a{x=\"1}"] {
            assert!(labels(bad).is_err(), "{bad}");
        }
    }
}
