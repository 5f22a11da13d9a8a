//! From a playbook and an alert to a script that a person can read and run.
//!
//! ```text
//! text ── front, body ──▶ Playbook ──┐
//! labels ── input: type ── literal ──┴─▶ script = header + bindings + prelude + code
//! ```
//!
//! Text from outside takes two ways only, and each has one door. Into a comment it goes through
//! [`comment`]; into code it goes through its [`Type`] and then the language's `literal`. A playbook's code is
//! never a template: values arrive in read-only variables that are bound at its head, so there is no place
//! where an author could put a value unquoted.
//!
//! A language is a file beside this one and a line in [`language::LANGUAGES`].

pub(crate) mod bash;
mod body;
pub mod comment;
mod error;
mod front;
mod header;
mod input;
pub mod language;
mod playbook;

pub(crate) use bash::BASH;
pub use error::{PlaybookError, RenderError};
pub use header::{Evidence, Header};
pub use input::{Input, Type};
pub use language::{Kind, Language};
pub use playbook::Playbook;
