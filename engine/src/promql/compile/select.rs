//! Selectors.

use crate::labels::NAME;
use crate::promql::error::{ExprError, regex_reason};
use crate::promql::node::Select;
use crate::promql::source::{Matcher, Pattern, Selector, Test};
use promql_parser::label::{MatchOp, Matcher as Written};
use promql_parser::parser::{Offset, VectorSelector};

/// A selector with its offset.
pub fn select(written: &VectorSelector) -> Result<Select, ExprError> {
    if written.at.is_some() {
        return Err(ExprError::new("the `@` modifier is not evaluated yet: use `offset`"));
    }
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
    Ok(Select { selector: Selector { name, matchers }, offset_ms: offset_ms(written.offset.as_ref()) })
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

fn offset_ms(offset: Option<&Offset>) -> i64 {
    let ms = |length: &std::time::Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    match offset {
        None => 0,
        Some(Offset::Pos(length)) => ms(length),
        Some(Offset::Neg(length)) => -ms(length),
    }
}
