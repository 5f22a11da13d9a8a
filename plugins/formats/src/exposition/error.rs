//! What is wrong with an exposition, and where.

use std::fmt;

/// Longest word that an error repeats, in characters.
const WORD_CHARS_MAX: usize = 80;

/// The first thing in a text that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// The word that was choked on; empty at the end of a line.
    pub word: String,
    /// What was expected instead.
    pub message: String,
}

impl ReadError {
    pub(super) fn new(line: usize, column: usize, word: &str, message: impl Into<String>) -> Self {
        let word = word.chars().take(WORD_CHARS_MAX).collect();
        ReadError { line, column, word, message: message.into() }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        match self.word.as_str() {
            "" => Ok(()),
            word => write!(f, ", found {word:?}"),
        }
    }
}

impl std::error::Error for ReadError {}
