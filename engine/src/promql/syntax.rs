//! From text to the tree of `promql-parser`, with the checks that the crate leaves out.
//!
//! The crate panics on a range that no `Duration` can hold, recurses as deep as the text nests, and says of most
//! mistakes only that the query is invalid; so the text is looked through first.

use super::error::ExprError;
use super::experimental;
use promql_parser::parser::{Expr, parse as parse_tree};

/// An expression may be so long.
const TEXT_BYTES_MAX: usize = 16 << 10;
/// Brackets may nest so deep.
const BRACKETS_MAX: usize = 100;

/// The tree of an expression, and the text in lower case, with strings as quotes and comments as space.
pub fn parse(text: &str) -> Result<(Expr, Vec<u8>), ExprError> {
    if text.is_empty() {
        return Err(ExprError::new("the expression is empty"));
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(ExprError::new(format!("the expression is longer than {TEXT_BYTES_MAX} bytes")));
    }
    let plain = scan(text)?;
    check_offsets(text, &plain)?;
    match parse_tree(text) {
        Ok(tree) => Ok((tree, plain)),
        Err(reason) => {
            Err(experimental::refusal(text, &plain).unwrap_or_else(|| explain(&reason).located(text)))
        }
    }
}

fn explain(reason: &str) -> ExprError {
    match reason {
        "invalid promql query" => {
            ExprError::new("this is not PromQL: an operator, operand or word is out of place")
        }
        other => ExprError::new(other),
    }
}

/// Brackets match, strings end, and ranges are numbers that make sense. Gives the text without what must not be
/// looked into.
fn scan(text: &str) -> Result<Vec<u8>, ExprError> {
    let mut plain = text.as_bytes().to_ascii_lowercase();
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' | '\'' | '`' => {
                skip_string(text, at, c, &mut chars)?;
                plain[at..chars.offset()].fill(b'"');
            }
            '#' => {
                chars.by_ref().find(|(_, c)| *c == '\n');
                plain[at..chars.offset()].fill(b' ');
            }
            '(' | '[' | '{' => open.push((at, c)),
            ')' | ']' | '}' => close(text, at, c, &mut open)?,
            _ => {}
        }
        if open.len() > BRACKETS_MAX {
            return Err(ExprError::at(text, at, format!("brackets nest deeper than {BRACKETS_MAX}")));
        }
    }
    match open.pop() {
        Some((at, c)) => Err(ExprError::at(text, at, format!("`{c}` is never closed"))),
        None => Ok(plain),
    }
}

fn skip_string(
    text: &str,
    at: usize,
    quote: char,
    chars: &mut std::str::CharIndices,
) -> Result<(), ExprError> {
    while let Some((_, c)) = chars.next() {
        if c == '\\' && quote != '`' {
            check_escape(text, chars.as_str().get(..3).unwrap_or_default(), at)?;
            chars.next();
        } else if c == quote {
            return Ok(());
        }
    }
    Err(ExprError::at(text, at, "the string is never closed"))
}

/// A byte beyond ASCII may be half a character: the parser takes it for a whole one.
fn check_escape(text: &str, after: &str, at: usize) -> Result<(), ExprError> {
    let byte = match after.strip_prefix('x') {
        Some(hex) => u16::from_str_radix(hex, 16),
        None => u16::from_str_radix(after, 8),
    };
    if byte.is_ok_and(|byte| byte > 0x7f) {
        let reason = format!("`\\{after}` is a byte, not a character: write the character itself");
        return Err(ExprError::at(text, at, reason));
    }
    Ok(())
}

fn close(text: &str, at: usize, c: char, open: &mut Vec<(usize, char)>) -> Result<(), ExprError> {
    let Some((start, opening)) = open.pop() else {
        return Err(ExprError::at(text, at, format!("`{c}` closes nothing")));
    };
    if !matches!((opening, c), ('(', ')') | ('[', ']') | ('{', '}')) {
        return Err(ExprError::at(text, at, format!("`{c}` cannot close `{opening}`")));
    }
    if c == ']' { check_range(text, start + 1, at) } else { Ok(()) }
}

/// A range or step given as a plain number of seconds.
fn check_range(text: &str, start: usize, end: usize) -> Result<(), ExprError> {
    for part in text[start..end].split(':').map(str::trim) {
        let seconds = part.parse::<f64>();
        if seconds.is_ok_and(|seconds| !(seconds > 0.0 && seconds <= f64::from(u32::MAX))) {
            return Err(ExprError::at(text, start, format!("`{part}` is not a length of time")));
        }
    }
    Ok(())
}

/// An `offset` given as a plain number of seconds.
fn check_offsets(text: &str, plain: &[u8]) -> Result<(), ExprError> {
    let plain = String::from_utf8_lossy(plain);
    for (at, word) in plain.match_indices("offset") {
        let after = plain[at + word.len()..].trim_start_matches([' ', '\t', '\n', '\r', '+', '-']);
        let number: String =
            after.chars().take_while(|c| c.is_alphanumeric() || "._+-".contains(*c)).collect();
        if number.parse::<f64>().is_ok_and(|seconds| !(0.0..=f64::from(u32::MAX)).contains(&seconds)) {
            return Err(ExprError::at(text, at, format!("`{number}` is not a length of time")));
        }
    }
    Ok(())
}
