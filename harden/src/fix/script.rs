//! A fix with its values as a script.

use super::front::{Argument, Call, Fix, Risk};
use super::reach::Reach;
use super::{bash, python};
use crate::render::comment::plain;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A language that fixes are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Bash.
    Bash,
    /// Python 3.
    Python,
}

impl Language {
    /// Each of them.
    pub const ALL: [Language; 2] = [Language::Bash, Language::Python];

    /// What the name of a script ends in.
    pub fn ending(self) -> &'static str {
        match self {
            Language::Bash => "sh",
            Language::Python => "py",
        }
    }
}

/// Why a script was made, for the comment at its head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// Words that name the undo directory; of letters, digits and `-._`.
    pub id: String,
    /// hostward's version.
    pub version: String,
    /// What is told about the finding, check or alert: name and text.
    pub lines: Vec<(String, String)>,
}

/// Values that a fix cannot take; no script is made then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixError {
    /// Name of the fix.
    pub fix: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for FixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fix {}: {}", self.fix, self.message)
    }
}

impl std::error::Error for FixError {}

const LINES_MAX: usize = 32;

impl Fix {
    /// The script in a language.
    pub fn script(
        &self,
        language: Language,
        cause: &Cause,
        values: &BTreeMap<String, String>,
    ) -> Result<String, FixError> {
        let values = self.values(values)?;
        let id =
            id(&self.name, cause).ok_or_else(|| self.refuse(format!("{:?} is no id", plain(&cause.id))))?;
        let header = self.header(cause) + &Reach::of(self, &values).lines();
        Ok(match language {
            Language::Bash => bash::script(self, &id, &header, &values),
            Language::Python => python::script(self, &id, &header, &values),
        })
    }

    /// The lines of a script that hold the values, alone.
    pub fn bindings(
        &self,
        language: Language,
        values: &BTreeMap<String, String>,
    ) -> Result<String, FixError> {
        let values = self.values(values)?;
        Ok(match language {
            Language::Bash => bash::bindings(self, &values),
            Language::Python => python::bindings(self, &values),
        })
    }

    fn refuse(&self, message: String) -> FixError {
        FixError { fix: self.name.clone(), message }
    }

    /// The value of each input, fit for its type and without control characters.
    fn values<'v>(&self, given: &'v BTreeMap<String, String>) -> Result<Vec<Cow<'v, str>>, FixError> {
        let value = |input: &crate::render::Input| match given.get(&input.name).filter(|own| !own.is_empty())
        {
            None if input.required => Err(format!("{} is required: {}", input.name, input.about)),
            None => Ok(Cow::Borrowed("")),
            Some(own) if own.chars().any(char::is_control) => {
                Err(format!("{} holds a control character: \"{}\"", input.name, plain(own)))
            }
            Some(own) => input.kind.accept(own).ok_or_else(|| {
                format!(
                    "{} ({}): expected {}, found \"{}\"",
                    input.name,
                    input.kind.as_str(),
                    input.kind.accepts(),
                    plain(own)
                )
            }),
        };
        self.inputs().iter().map(value).collect::<Result<_, _>>().map_err(|message| self.refuse(message))
    }

    /// What a person should know before running it.
    pub(super) fn header(&self, cause: &Cause) -> String {
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(format!("# {text}").trim_end());
            out.push('\n');
        };
        line(&self.title);
        line("Without options it only says what it would do. --apply does it, --rollback takes it back.");
        line("");
        line(&format!("changes     {}", self.changes));
        line(&format!("risk        {}", self.risk_words()));
        line(&format!("undo        {}", self.undo_words()));
        line(&format!("written by  hostward {}, fix {}", plain(&cause.version), self.name));
        for (name, text) in cause.lines.iter().take(LINES_MAX) {
            line(&format!("{:<11} {}", plain(name), plain(text)));
        }
        out
    }

    fn risk_words(&self) -> String {
        let risk = match self.risk {
            Risk::None => "none: it changes nothing",
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
        };
        self.may_break.as_ref().map_or(risk.to_owned(), |may| format!("{risk}: {may}"))
    }

    fn undo_words(&self) -> &'static str {
        match (self.only_tells(), self.reversible) {
            (true, _) => "not needed",
            (_, true) => "--rollback leaves no trace",
            (_, false) => "not everything can be taken back",
        }
    }

    /// A step's arguments as literals and variables of a language.
    pub(super) fn arguments(
        call: &Call,
        literal: impl Fn(crate::render::Type, &str) -> String,
        variable: impl Fn(usize) -> String,
    ) -> Vec<String> {
        let own = |argument: &Argument| match argument {
            Argument::Fixed(kind, text) => literal(*kind, text),
            Argument::Input(index) => variable(*index),
        };
        call.arguments.iter().map(own).collect()
    }
}

/// The name of the undo directory: a part of a path, and nothing else.
fn id(name: &str, cause: &Cause) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let fits = cause.id.len() <= 100 && cause.id.bytes().all(plain) && !cause.id.starts_with('.');
    fits.then(|| if cause.id.is_empty() { name.to_owned() } else { format!("{name}-{}", cause.id) })
}
