//! The front matter: TOML in `#+ ` comment lines at the top, so that the file stays a script to other tools.

use super::error::{Flaw, quoted};
use super::input::{Input, Type};
use super::language::{self, Kind, Language};
use serde::Deserialize;
use std::collections::BTreeMap;

const MARK: &str = "#+";
const INPUTS_MAX: usize = 32;
const NAME_BYTES_MAX: usize = 64;

/// What a playbook says about itself.
#[derive(Clone, Debug)]
pub(super) struct Front {
    pub name: String,
    pub title: String,
    pub language: &'static Language,
    pub kind: Kind,
    pub inputs: Vec<Input>,
    /// How many lines it takes.
    pub lines: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    title: String,
    language: toml::Spanned<String>,
    kind: Kind,
    #[serde(default)]
    inputs: BTreeMap<toml::Spanned<String>, RawInput>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInput {
    #[serde(rename = "type")]
    kind: Type,
    #[serde(default)]
    required: bool,
    about: String,
}

/// Reads the front matter; TOML's lines are the file's lines.
pub(super) fn parse(text: &str) -> Result<Front, Flaw> {
    let marked: Vec<_> = text.lines().map_while(|line| line.strip_prefix(MARK)).collect();
    if marked.is_empty() {
        return Err(Flaw::new(1, "expected front matter: lines that start with \"#+ \" and hold TOML"));
    }
    let toml = marked.join("\n");
    let raw: Raw = toml::from_str(&toml).map_err(|error| refused(&toml, &error))?;
    let language = find_language(&toml, &raw.language)?;
    if raw.inputs.len() > INPUTS_MAX {
        return Err(Flaw::new(1, format!("{} inputs, the most is {INPUTS_MAX}", raw.inputs.len())));
    }
    let inputs = raw.inputs.into_iter().map(|(name, input)| declare(&toml, name, input));
    let inputs = inputs.collect::<Result<_, _>>()?;
    Ok(Front { name: raw.name, title: raw.title, language, kind: raw.kind, inputs, lines: marked.len() })
}

/// True for a word that is a variable in every language and an environment variable in none.
pub(super) fn is_name(word: &str) -> bool {
    let mut bytes = word.bytes();
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(rest)
        && word.len() <= NAME_BYTES_MAX
}

fn declare(toml: &str, name: toml::Spanned<String>, input: RawInput) -> Result<Input, Flaw> {
    let line = line_of(toml, name.span().start);
    let name = name.into_inner();
    if !is_name(&name) {
        let expected = "expected an input name of a-z 0-9 _ that starts with a letter";
        return Err(Flaw::new(line, format!("{expected}, found {}", quoted(&name))));
    }
    Ok(Input { name, kind: input.kind, required: input.required, about: input.about })
}

fn find_language(toml: &str, word: &toml::Spanned<String>) -> Result<&'static Language, Flaw> {
    language::find(word.get_ref()).ok_or_else(|| {
        let known: Vec<_> = language::LANGUAGES.iter().map(|language| language.name).collect();
        let message =
            format!("unknown language {}, expected one of: {}", quoted(word.get_ref()), known.join(", "));
        Flaw::new(line_of(toml, word.span().start), message)
    })
}

fn refused(toml: &str, error: &toml::de::Error) -> Flaw {
    let message = error.message().trim().replace('\n', "; ");
    Flaw::new(line_of(toml, error.span().map_or(0, |span| span.start)), message)
}

fn line_of(toml: &str, offset: usize) -> usize {
    toml.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
