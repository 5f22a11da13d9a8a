//! Syntax that Prometheus has behind feature flags and the parser does not read: found so that its refusal says so.

use super::error::ExprError;

/// How a refusal of something experimental ends.
pub const REFUSAL: &str = "experimental in Prometheus and not evaluated here";

/// What is experimental in a text that is not read; `plain` is that text as `syntax` looks through it.
pub fn refusal(text: &str, plain: &[u8]) -> Option<ExprError> {
    let plain = String::from_utf8_lossy(plain);
    let computed = computed_range(&plain).or_else(|| computed_offset(&plain));
    if let Some(at) = computed {
        return Some(ExprError::at(text, at, format!("a computed duration is {REFUSAL}")));
    }
    let modifier = ["anchored", "smoothed"].into_iter().find(|word| plain.contains(word))?;
    Some(ExprError::new(format!("`{modifier}` is {REFUSAL}")).located(text))
}

/// `[2m*15]`, `[step()]`
fn computed_range(plain: &str) -> Option<usize> {
    let ranges = plain.match_indices('[').map(|(at, _)| at + 1);
    let is_computed = |at: &usize| {
        let range = plain[*at..].split(']').next().unwrap_or_default();
        range.trim_start_matches('-').contains(['+', '-', '*', '/', '%', '^', '('])
    };
    ranges.into_iter().find(is_computed)
}

/// `offset (2 * 5m)`, `offset -step()`
fn computed_offset(plain: &str) -> Option<usize> {
    let is_computed = |at: &usize| {
        let length = plain[*at..].trim_start().trim_start_matches(['+', '-']).trim_start();
        length.starts_with(|c: char| c == '(' || c.is_ascii_alphabetic())
    };
    plain.match_indices("offset").map(|(at, word)| at + word.len()).find(is_computed)
}
