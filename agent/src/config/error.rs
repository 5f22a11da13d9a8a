//! What is wrong with a configuration, where, and what was probably meant.

use super::locate;
use std::fmt;
use std::path::{Path, PathBuf};

/// A configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file at fault.
    pub file: PathBuf,
    /// 1-based line and column; none when the file could not be read.
    pub position: Option<(usize, usize)>,
    /// Dotted key; empty when the text is not TOML.
    pub key: String,
    /// What is wrong with it.
    pub message: String,
    /// What was probably meant.
    pub hint: Option<String>,
}

/// What is wrong with the value of a key, wherever it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Dotted key.
    pub key: String,
    /// What is wrong with it.
    pub message: String,
    /// What was probably meant.
    pub hint: Option<String>,
}

impl ConfigError {
    /// A file that could not be read.
    pub fn unreadable(file: &Path, error: &std::io::Error) -> Self {
        let message = format!("cannot be read: {error}");
        ConfigError { file: file.to_owned(), position: None, key: String::new(), message, hint: None }
    }

    /// A file that is not TOML, or has a key or value that is not known.
    pub fn refused(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        let (message, hint) = reword(error.message());
        ConfigError {
            file: file.to_owned(),
            position: Some(locate::position(text, offset)),
            key: locate::key_at(text, offset).unwrap_or_default(),
            message,
            hint,
        }
    }

    /// A value that is out of bounds, at the last file that sets it.
    pub fn complaint(files: &[(PathBuf, String)], complaint: Complaint) -> Self {
        let found = files.iter().rev().find_map(|(file, text)| {
            let offset = locate::offset_of(text, &complaint.key)?;
            Some((file.clone(), locate::position(text, offset)))
        });
        let (file, position) = found.map_or((PathBuf::new(), None), |(file, at)| (file, Some(at)));
        ConfigError { file, position, key: complaint.key, message: complaint.message, hint: complaint.hint }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some((line, column)) = self.position {
            write!(f, "{line}:{column}:")?;
        }
        if !self.key.is_empty() {
            write!(f, " {}:", self.key)?;
        }
        write!(f, " {}", self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; did you mean `{hint}`?"))
    }
}

impl std::error::Error for ConfigError {}

/// The known word that is closest to `word`, when one is close.
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(word, name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.75).then_some(best.1)
}

/// The parser's message about an unknown word names that word first, and what it knows after it, in
/// backquotes.
fn reword(message: &str) -> (String, Option<String>) {
    let message = message.trim().replace('\n', ", ");
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let mut words = message.split('`').skip(1).step_by(2);
    match (unknown, words.next()) {
        (true, Some(word)) => {
            let known: Vec<&str> = words.collect();
            let hint = closest(word, known.iter().copied()).map(str::to_owned);
            (format!("`{word}` is not known here; known are {}", known.join(", ")), hint)
        }
        _ => (retype(&message).unwrap_or(message), None),
    }
}

/// The parser speaks of Rust's types where an administrator thinks in values.
fn retype(message: &str) -> Option<String> {
    let (found, expected) = message.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let expected = match expected {
        "usize" | "u64" | "u32" | "u16" | "i64" => "a whole number",
        "a boolean" => "true or false",
        "a string" | "path string" => "a text in quotes",
        "a sequence" => "a list",
        expected if expected.starts_with("struct ") || expected.starts_with("a map") => "a section",
        expected => expected,
    };
    Some(format!("must be {expected}, not {found}"))
}
