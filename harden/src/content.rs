//! Checks and frameworks as TOML, and what is said of a file that cannot be used.

use serde::de::DeserializeOwned;
use std::fmt;

/// A file of content that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentError {
    /// The file as it was named.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// What is wrong, the word that was choked on, and what to do.
    pub message: String,
}

impl ContentError {
    /// Something that is wrong with the file as a whole.
    pub(crate) fn whole(file: &str, message: impl Into<String>) -> Self {
        ContentError { file: file.to_owned(), line: 1, message: message.into() }
    }
}

/// Reads a file whose every key is known.
pub(crate) fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, ContentError> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(before).filter(|byte| *byte == b'\n').count() + 1;
        ContentError { file: file.to_owned(), line, message: error.message().trim().replace('\n', "; ") }
    })
}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for ContentError {}
