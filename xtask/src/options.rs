//! The options of a command: `--name value` and `--name`.

use crate::Outcome;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Options by name, without their dashes.
#[derive(Debug, Default)]
pub struct Options(BTreeMap<String, Option<String>>);

impl Options {
    /// Reads the words after the command.
    pub fn parse(words: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut options = BTreeMap::new();
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or_else(|| format!("{word:?} is not an option"))?;
            options.insert(name.to_owned(), words.next_if(|next| !next.starts_with("--")));
        }
        Ok(Options(options))
    }

    /// True when the option was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The number after an option, or its default.
    pub fn number<N: FromStr>(&self, name: &str, default: N) -> Outcome<N> {
        match self.0.get(name) {
            None => Ok(default),
            Some(value) => {
                let word = value.as_deref().unwrap_or("");
                word.parse().map_err(|_| format!("--{name} needs a number, not {word:?}"))
            }
        }
    }

    /// The word after an option; none when it was not given, or nothing follows it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }

    /// Refuses options that the command does not know.
    pub fn only(&self, known: &[&str]) -> Outcome<()> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(format!("--{name} is not known here; known are: {}", known.join(" "))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_have_values_or_not() {
        let options = parse("--check --minutes 5").unwrap();
        assert!(options.has("check") && !options.has("times"));
        assert_eq!(options.number("minutes", 30_u64), Ok(5));
        assert_eq!(options.number("times", 200_u64), Ok(200));
        assert_eq!(
            [options.text("minutes"), options.text("check"), options.text("times")],
            [Some("5"), None, None]
        );
        assert_eq!(options.only(&["check"]), Err("--minutes is not known here; known are: check".to_owned()));
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(parse("minutes").unwrap_err(), "\"minutes\" is not an option");
        let options = parse("--minutes many").unwrap();
        assert_eq!(
            options.number("minutes", 1_u64),
            Err("--minutes needs a number, not \"many\"".to_owned())
        );
    }
}
