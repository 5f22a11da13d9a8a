//! What the renderer has to know of a language, and the one list of them.

use super::bash;
use super::input::Type;
use serde::Deserialize;

/// Every language that a playbook can be written in.
pub static LANGUAGES: &[&Language] = &[&bash::BASH];

/// What a script does to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Looks and tells; changes nothing.
    Diagnostic,
}

/// A language to render for.
#[derive(Debug)]
pub struct Language {
    /// The word in the front matter.
    pub name: &'static str,
    /// The line that makes the script runnable.
    pub shebang: &'static str,
    /// What starts a comment that runs to the end of its line, with the space after it.
    pub comment: &'static str,
    /// What stands before and between name and value where a read-only variable is set.
    pub binding: (&'static str, &'static str),
    /// What comes before the bindings: the strictest mode that the language has.
    pub strict: &'static str,
    /// What comes between bindings and code: what scripts of a kind have in common.
    pub prelude: fn(Kind) -> &'static str,
    /// An accepted value as one literal in printable ASCII, which nothing in the value can end or evaluate.
    pub literal: fn(Type, &str) -> String,
}

/// The language of that name.
pub fn find(name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().copied().find(|language| language.name == name)
}
