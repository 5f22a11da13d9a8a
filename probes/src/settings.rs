//! What can be set of a probe, besides whether and how often it runs.
//!
//! A probe declares its settings with their defaults; the configuration gives values, which are checked against
//! the declaration here, so that a probe only ever meets values that fit.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest compiled form of a pattern; a larger one is refused.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A key that a probe takes.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key.
    pub name: &'static str,
    /// One sentence for the reference.
    pub about: &'static str,
    /// What holds unless the configuration says otherwise; it gives the type, too.
    pub default: Preset,
}

/// A default, and with it the type of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// On or off.
    Flag(bool),
    /// A whole number.
    Number(u64),
    /// Any words; a path mostly.
    Text(&'static str),
    /// A regular expression that must match the whole of a name; an empty one is not set.
    Pattern(&'static str),
    /// Any number of words.
    List(&'static [&'static str]),
}

/// A value from the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be true or false, a whole number, a text or a list of texts")]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A whole number.
    Number(u64),
    /// Words, or a pattern.
    Text(String),
    /// Any number of words.
    List(Vec<String>),
}

/// The settings of one probe: what was set, and the declaration for the rest.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    known: &'static [Setting],
    set: BTreeMap<&'static str, Value>,
    patterns: BTreeMap<&'static str, Regex>,
}

/// Whether two probes would behave the same: patterns follow from what was set.
impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        self.known == other.known && self.set == other.set
    }
}

impl Settings {
    /// The defaults of a declaration.
    pub fn new(known: &'static [Setting]) -> Self {
        let mut settings = Settings { known, ..Default::default() };
        for setting in known {
            // A default that does not fit would be a bug of ours; a test tries them all.
            let fits = settings.set(setting.name, setting.default.value());
            debug_assert_eq!(fits, Ok(()), "default of {}", setting.name);
        }
        settings
    }

    /// Takes a value. The error says what was expected; an unknown key is one, too.
    pub fn set(&mut self, name: &str, value: Value) -> Result<(), String> {
        let setting =
            self.known.iter().find(|own| own.name == name).ok_or("the probe has no such setting")?;
        match (&setting.default, &value) {
            (Preset::Flag(_), Value::Flag(_))
            | (Preset::Number(_), Value::Number(_))
            | (Preset::Text(_), Value::Text(_))
            | (Preset::List(_), Value::List(_)) => {}
            (Preset::Pattern(_), Value::Text(text)) => self.take_pattern(setting.name, text)?,
            (default, _) => return Err(format!("must be {}", default.kind())),
        }
        self.set.insert(setting.name, value);
        Ok(())
    }

    fn take_pattern(&mut self, name: &'static str, text: &str) -> Result<(), String> {
        if text.is_empty() {
            self.patterns.remove(name);
            return Ok(());
        }
        let built = RegexBuilder::new(&format!("^(?:{text})$")).size_limit(PATTERN_BYTES_MAX).build();
        let said = |error: regex::Error| error.to_string().lines().last().unwrap_or_default().to_owned();
        let pattern = built.map_err(|error| format!("is no regular expression: {}", said(error)))?;
        self.patterns.insert(name, pattern);
        Ok(())
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let value = self.set.get(name);
        debug_assert!(value.is_some(), "no setting {name} is declared");
        value
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Flag(true)))
    }

    /// A number.
    pub fn number(&self, name: &str) -> u64 {
        if let Some(Value::Number(number)) = self.get(name) { *number } else { 0 }
    }

    /// Words.
    pub fn text(&self, name: &str) -> &str {
        if let Some(Value::Text(text)) = self.get(name) { text } else { "" }
    }

    /// A list of words.
    pub fn list(&self, name: &str) -> &[String] {
        if let Some(Value::List(list)) = self.get(name) { list } else { &[] }
    }

    /// A pattern; nothing when it is empty.
    pub fn pattern(&self, name: &str) -> Option<&Regex> {
        self.patterns.get(name)
    }

    /// Two patterns as one choice.
    pub fn filter(&self, include: &str, exclude: &str) -> Filter {
        Filter { include: self.pattern(include).cloned(), exclude: self.pattern(exclude).cloned() }
    }
}

impl Preset {
    /// As the configuration would give it.
    pub fn value(&self) -> Value {
        match *self {
            Preset::Flag(flag) => Value::Flag(flag),
            Preset::Number(number) => Value::Number(number),
            Preset::Text(text) | Preset::Pattern(text) => Value::Text(text.to_owned()),
            Preset::List(list) => Value::List(list.iter().map(|&word| word.to_owned()).collect()),
        }
    }

    /// What a value must be, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Preset::Flag(_) => "true or false",
            Preset::Number(_) => "a whole number",
            Preset::Text(_) => "a text",
            Preset::Pattern(_) => "a regular expression",
            Preset::List(_) => "a list of texts",
        }
    }
}

/// Which names are wanted: those that `include` matches, where it is set, and `exclude` does not.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<Regex>,
    exclude: Option<Regex>,
}

impl Filter {
    /// Whether a name is wanted.
    pub fn takes(&self, name: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(name))
            && !self.exclude.as_ref().is_some_and(|exclude| exclude.is_match(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static KNOWN: [Setting; 6] = [
        Setting { name: "only", about: "", default: Preset::Pattern("") },
        Setting { name: "softirq", about: "", default: Preset::Flag(false) },
        Setting { name: "top", about: "", default: Preset::Number(10) },
        Setting { name: "dir", about: "", default: Preset::Text("/var") },
        Setting { name: "exclude", about: "", default: Preset::Pattern("lo|dm-.*") },
        Setting { name: "include", about: "", default: Preset::List(&["a"]) },
    ];

    #[test]
    fn defaults_hold_until_something_is_set() {
        let mut settings = Settings::new(&KNOWN);
        assert!(!settings.flag("softirq") && settings.number("top") == 10 && settings.text("dir") == "/var");
        assert_eq!(settings.list("include"), ["a"]);
        settings.set("softirq", Value::Flag(true)).unwrap();
        settings.set("include", Value::List(vec![])).unwrap();
        assert!(settings.flag("softirq") && settings.list("include").is_empty());
    }

    #[test]
    fn a_pattern_matches_a_whole_name() {
        let mut settings = Settings::new(&KNOWN);
        let takes = |settings: &Settings, name| settings.filter("exclude", "exclude").takes(name);
        let filter = Filter { include: None, exclude: settings.pattern("exclude").cloned() };
        assert!(
            !filter.takes("lo") && !filter.takes("dm-0") && filter.takes("loop0") && filter.takes("xdm-0")
        );
        settings.set("exclude", Value::Text(String::new())).unwrap();
        assert!(takes(&settings, "lo"));
    }

    #[test]
    fn what_does_not_fit_is_refused_in_words() {
        let mut settings = Settings::new(&KNOWN);
        let mut refuse = |name, value| settings.set(name, value).unwrap_err();
        assert_eq!(refuse("softirq", Value::Number(1)), "must be true or false");
        assert_eq!(refuse("nope", Value::Number(1)), "the probe has no such setting");
        assert!(refuse("exclude", Value::Text("(".to_owned())).starts_with("is no regular expression: "));
    }
}
