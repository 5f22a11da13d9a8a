//! How strictly a host is judged, and what it is for.

use super::expect::Expect;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How strictly a host is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What hardly ever breaks anything.
    Basic,
    /// What a server should have.
    #[default]
    Moderate,
    /// What costs comfort.
    Strict,
}

/// What a host is judged by.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// How strictly.
    pub level: Level,
    /// What the host is for, in the words of the checks that ask (`web-server`).
    pub declared: BTreeSet<String>,
    /// What frameworks ask for beyond the level, by `area/key` of a setting: who asks, and for what.
    pub values: BTreeMap<String, Vec<(String, Expect)>>,
}

/// What a test expects from which level on; a level without a value of its own has that of the one below.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels<T> {
    pub basic: Option<T>,
    pub moderate: Option<T>,
    pub strict: Option<T>,
}

impl Level {
    /// The word in content and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Basic => "basic",
            Level::Moderate => "moderate",
            Level::Strict => "strict",
        }
    }
}

impl<T> Levels<T> {
    /// The expectation at a level; nothing when it is asked from a stricter level on.
    pub fn at(&self, level: Level) -> Option<&T> {
        let all =
            [(Level::Strict, &self.strict), (Level::Moderate, &self.moderate), (Level::Basic, &self.basic)];
        all.into_iter().filter(|(own, _)| *own <= level).find_map(|(_, expected)| expected.as_ref())
    }

    pub fn values(&self) -> impl Iterator<Item = &T> {
        [&self.basic, &self.moderate, &self.strict].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_has_what_the_one_below_has() {
        let levels = Levels { basic: None, moderate: Some(1), strict: None };
        assert_eq!(
            [Level::Basic, Level::Moderate, Level::Strict].map(|level| levels.at(level)),
            [None, Some(&1), Some(&1)]
        );
    }
}
