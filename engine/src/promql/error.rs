//! Why an expression was refused, and why an evaluation failed.

use std::fmt;

/// Why an expression cannot be evaluated here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// What is wrong, and with which word.
    pub reason: String,
    /// Where, counted in characters from 1, when that is known.
    pub column: Option<usize>,
}

impl ExprError {
    /// Without a place.
    pub fn new(reason: impl Into<String>) -> Self {
        ExprError { reason: reason.into(), column: None }
    }

    /// At the byte `offset` of `text`.
    pub fn at(text: &str, offset: usize, reason: impl Into<String>) -> Self {
        let column = text.get(..offset).map(|before| before.chars().count() + 1);
        ExprError { reason: reason.into(), column }
    }

    /// Finds the place: where the first word that the reason quotes stands in the text.
    pub fn located(mut self, text: &str) -> Self {
        if self.column.is_none() {
            let offset = quoted(&self.reason).and_then(|word| find_word(text, word));
            self.column = offset.map(|offset| text[..offset].chars().count() + 1);
        }
        self
    }
}

/// What is wrong with a regular expression, in one line.
pub fn regex_reason(pattern: &str, error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    format!("bad regular expression `{pattern}`: {}", last.trim_start_matches("error: "))
}

fn quoted(reason: &str) -> Option<&str> {
    let mut parts = reason.split(['`', '\'']);
    parts.nth(1).filter(|word| !word.is_empty())
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let apart = |offset: &usize| {
        let before = text[..*offset].chars().next_back();
        let after = text[*offset + word.len()..].chars().next();
        !word.chars().all(part) || !(before.is_some_and(part) || after.is_some_and(part))
    };
    text.match_indices(word).map(|(offset, _)| offset).find(apart)
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "{} (column {column})", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for ExprError {}

/// Why an expression has no value now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// It touches more samples than one evaluation may.
    TooManySamples {
        /// The bound.
        samples_max: usize,
    },
    /// A range query has more steps than one may have.
    TooManySteps {
        /// The bound.
        steps_max: usize,
    },
    /// Two results have the same labels once the metric name is gone.
    SameLabels(String),
    /// Two vectors do not match as the expression says.
    Matching(String),
    /// A number that decides how to evaluate makes no sense.
    Parameter(String),
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EvalError::TooManySamples { samples_max } => {
                write!(
                    f,
                    "more than {samples_max} samples in one evaluation: narrow the selectors or the range"
                )
            }
            EvalError::TooManySteps { steps_max } => {
                write!(f, "more than {steps_max} steps in one range query: take a longer step")
            }
            EvalError::SameLabels(labels) => {
                write!(
                    f,
                    "vector cannot contain metrics with the same labelset: {labels}; aggregate, or select by one \
                     metric name"
                )
            }
            EvalError::Matching(reason) | EvalError::Parameter(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for EvalError {}
