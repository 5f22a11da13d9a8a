//! Why a file is not run, with what mends it.

use std::fmt;
use std::path::Path;

/// Why a file is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong with what.
    pub why: String,
    /// What to type; empty when nothing helps.
    pub mend: String,
}

impl Refusal {
    /// Why, and what to type.
    pub fn new(why: impl Into<String>, mend: impl Into<String>) -> Self {
        Refusal { why: why.into(), mend: mend.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mend.as_str() {
            "" => f.write_str(&self.why),
            mend => write!(f, "{}; type: {mend}", self.why),
        }
    }
}

/// A path as a word of the shell.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
