//! A file of findings that cannot be read, and where.

use crate::finding::text;
use std::fmt;

const MESSAGE_CHARS_MAX: usize = 400;

/// A file of findings that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The file as it was named.
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in bytes.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            text::line(&self.file, MESSAGE_CHARS_MAX),
            self.line,
            self.column,
            self.message
        )
    }
}

impl std::error::Error for ImportError {}

/// What is wrong, at a byte; the file's name and its lines are looked up where they are known.
#[derive(Debug)]
pub(super) struct Fault {
    byte: usize,
    message: String,
}

impl Fault {
    pub fn at(byte: usize, message: impl Into<String>) -> Fault {
        Fault { byte, message: message.into() }
    }

    pub fn whole(message: impl Into<String>) -> Fault {
        Fault::at(0, message)
    }

    pub fn within(self, file: &str, text: &str) -> ImportError {
        let before = &text.as_bytes()[..self.byte.min(text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        let message = text::line(&self.message, MESSAGE_CHARS_MAX);
        ImportError { file: file.to_owned(), line, column, message }
    }
}
