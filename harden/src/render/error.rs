//! What can be wrong with a playbook, and with the values given to it.

use super::comment::shortened;
use std::fmt;

/// Longest quotation in a message, in characters.
const WORD_CHARS_MAX: usize = 80;

/// A playbook that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaybookError {
    /// The file as it was named to [`super::Playbook::parse`].
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// What is wrong, the word that was choked on, and what to do.
    pub message: String,
}

impl fmt::Display for PlaybookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for PlaybookError {}

/// A line and what is wrong with it; the file is added where it is known.
#[derive(Debug)]
pub(super) struct Flaw {
    pub line: usize,
    pub message: String,
}

impl Flaw {
    pub fn new(line: usize, message: impl Into<String>) -> Self {
        Flaw { line, message: message.into() }
    }

    pub fn within(self, file: &str) -> PlaybookError {
        PlaybookError { file: file.to_owned(), line: self.line, message: self.message }
    }
}

/// Values that a playbook cannot take; no script is made then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenderError {
    /// A required input has no value.
    Missing {
        /// Name of the playbook.
        playbook: String,
        /// Name of the input: the label that should have carried it.
        input: String,
    },
    /// A value is not of the input's type.
    Misfit {
        /// Name of the playbook.
        playbook: String,
        /// Name of the input.
        input: String,
        /// The type's word in the front matter.
        kind: &'static str,
        /// What the type accepts.
        expected: &'static str,
        /// The value, printable and shortened.
        found: String,
    },
}

impl RenderError {
    pub(super) fn misfit(playbook: &str, input: &super::Input, value: &str) -> Self {
        RenderError::Misfit {
            playbook: playbook.to_owned(),
            input: input.name.clone(),
            kind: input.kind.as_str(),
            expected: input.kind.accepts(),
            found: quoted(value),
        }
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenderError::Missing { playbook, input } => {
                write!(f, "playbook {playbook}: input {input} is required; give the alert a label {input}")
            }
            RenderError::Misfit { playbook, input, kind, expected, found } => {
                write!(f, "playbook {playbook}: input {input} ({kind}): expected {expected}, found {found}")
            }
        }
    }
}

impl std::error::Error for RenderError {}

/// A word for a message: in quotes, printable, short.
pub(super) fn quoted(word: &str) -> String {
    format!("\"{}\"", shortened(word, WORD_CHARS_MAX))
}
