//! Values of a YAML tree by key, with errors that name the line.

use super::parse_duration_ms;
use super::yaml::{Located, Yaml};
use serde_saphyr::Spanned;

/// A line and what is wrong there.
pub type Refusal = (u64, String);

/// Key, its line, and its value.
pub type Entries<'a> = &'a [(Spanned<String>, Located)];

/// The duration under a key, if it is there.
pub fn duration(entries: Entries<'_>, key: &str) -> Result<Option<u64>, Refusal> {
    let Some(value) = get(entries, key) else { return Ok(None) };
    let written = text(value).map_err(|reason| (line(value), format!("`{key}` {reason}")))?;
    parse_duration_ms(&written).map(Some).map_err(|reason| (line(value), format!("{key}: {reason}")))
}

/// The text under a key that must be there.
pub fn required(entries: Entries<'_>, key: &str, at: u64, what: &str) -> Result<String, Refusal> {
    let value = get(entries, key).ok_or_else(|| (at, format!("{what} needs `{key}`")))?;
    let written = text(value).map_err(|reason| (line(value), format!("`{key}` {reason}")))?;
    if written.trim().is_empty() { Err((line(value), format!("`{key}` is empty"))) } else { Ok(written) }
}

/// Refuses the first key that is not known, with the one that was meant.
pub fn known_keys(entries: Entries<'_>, known: &[&str], what: &str) -> Result<(), Refusal> {
    let Some((key, _)) = entries.iter().find(|(key, _)| !known.contains(&key.value.as_str())) else {
        return Ok(());
    };
    let near = known.iter().map(|word| (strsim::damerau_levenshtein(word, &key.value), word)).min();
    let hint = match near {
        Some((distance, word)) if distance <= 3 => format!("did you mean `{word}`?"),
        _ => format!("there are {}", known.join(", ")),
    };
    Err((key.referenced.line(), format!("{what} has no key `{}`: {hint}", key.value)))
}

/// The value under a key; nothing when it is null.
pub fn get<'a>(entries: Entries<'a>, key: &str) -> Option<&'a Located> {
    entries
        .iter()
        .find(|(name, value)| name.value == key && value.value != Yaml::Null)
        .map(|(_, value)| value)
}

/// Where a value stands.
pub fn line(value: &Located) -> u64 {
    value.referenced.line()
}

/// A value as text, or what is wrong with it.
pub fn text(value: &Located) -> Result<String, String> {
    match &value.value {
        Yaml::Text(text) => Ok(text.clone()),
        Yaml::Null => Ok(String::new()),
        other => Err(format!("must be a text, not {}", other.kind())),
    }
}

/// A value as a list.
pub fn list<'a>(value: &'a Located, what: &str) -> Result<&'a [Located], Refusal> {
    match &value.value {
        Yaml::List(list) => Ok(list),
        other => Err((line(value), format!("{what} must be a list, not {}", other.kind()))),
    }
}

/// A value as a mapping.
pub fn map<'a>(value: &'a Located, what: &str) -> Result<Entries<'a>, Refusal> {
    match &value.value {
        Yaml::Map(entries) => Ok(entries),
        other => Err((line(value), format!("{what} must be a mapping, not {}", other.kind()))),
    }
}
