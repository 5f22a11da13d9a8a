//! Scraps of hosts that a check is tried on.

use super::level::Level;
use super::outcome::Verdict;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A scrap of a host, and what the check must say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the check must say.
    pub verdict: Verdict,
    /// At which level.
    #[serde(default)]
    pub level: Level,
    /// What the profile declares the host to be for.
    #[serde(default)]
    pub declared: Vec<String>,
    /// Text by path.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Mode and owners by path, as `0640 root:adm`; `0644 root:root` if not given.
    #[serde(default)]
    pub modes: BTreeMap<String, String>,
    /// What links say, by path.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
}
