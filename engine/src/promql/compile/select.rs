//! Selectors.

use crate::labels::NAME;
use crate::promql::error::{ExprError, regex_reason};
use crate::promql::node::{At, Select, Shift};
use crate::promql::source::{Matcher, Pattern, Selector, Test};
use promql_parser::label::{MatchOp, Matcher as Written};
use promql_parser::parser::{AtModifier, Offset, VectorSelector};
use std::time::{Duration, UNIX_EPOCH};

/// A selector with its modifiers.
pub fn select(written: &VectorSelector, slot: usize) -> Result<Select, ExprError> {
    if !written.matchers.or_matchers.is_empty() {
        return Err(ExprError::new("`or` between label matchers is not PromQL: use a regular expression"));
    }
    let mut name = written.name.clone();
    let mut matchers = Vec::new();
    for matcher in &written.matchers.matchers {
        match &matcher.op {
            MatchOp::Equal if matcher.name == NAME && name.is_none() => name = Some(matcher.value.clone()),
            op => matchers.push(Matcher { label: matcher.name.clone(), test: test(op, matcher)? }),
        }
    }
    let shift = shift(written.at.as_ref(), written.offset.as_ref());
    Ok(Select { selector: Selector { name, matchers }, shift, slot })
}

fn test(op: &MatchOp, matcher: &Written) -> Result<Test, ExprError> {
    Ok(match op {
        MatchOp::Equal => Test::Equal(matcher.value.clone()),
        MatchOp::NotEqual => Test::NotEqual(matcher.value.clone()),
        MatchOp::Re(pattern) => Test::Match(compile(pattern.as_str())?),
        MatchOp::NotRe(pattern) => Test::NoMatch(compile(pattern.as_str())?),
    })
}

/// The parser has anchored the pattern; Prometheus' `.` matches a newline too.
fn compile(anchored: &str) -> Result<Pattern, ExprError> {
    let pattern = regex::Regex::new(&format!("(?s){anchored}"));
    pattern.map(Pattern).map_err(|error| ExprError::new(regex_reason(anchored, &error)))
}

/// `@` and `offset`.
pub fn shift(at: Option<&AtModifier>, offset: Option<&Offset>) -> Shift {
    let at = at.map(|at| match at {
        AtModifier::Start => At::Start,
        AtModifier::End => At::End,
        AtModifier::At(time) => At::Ms(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => ms(&after),
            Err(before) => -ms(&before.duration()),
        }),
    });
    let offset_ms = match offset {
        None => 0,
        Some(Offset::Pos(length)) => ms(length),
        Some(Offset::Neg(length)) => -ms(length),
    };
    Shift { at, offset_ms }
}

/// Milliseconds of a length of time.
pub fn ms(length: &Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
