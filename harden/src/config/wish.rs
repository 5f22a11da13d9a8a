//! What is wished of a configuration: by its level, its frameworks, and an administrator.

use crate::check::{Check, Expect, Level, Unit};
use crate::compliance::{Framework, demands};
use std::collections::{BTreeMap, BTreeSet};

/// What is wished of a configuration.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// How strictly.
    pub level: Level,
    /// Names of the frameworks whose values are asked for.
    pub frameworks: Vec<String>,
    /// What they ask for, by `area/key`.
    pub demands: BTreeMap<String, Vec<(String, Expect)>>,
    /// What checks expect at the level, by `area/key` in small letters: which check, what, and the unit.
    pub expected: BTreeMap<String, Vec<(String, Expect, Unit)>>,
    /// What the host is for.
    pub declared: BTreeSet<String>,
    /// What an administrator says, by `target.name`.
    pub parameters: BTreeMap<String, String>,
}

impl Wish {
    /// What a level, frameworks and checks ask for.
    pub fn new(level: Level, frameworks: &[&Framework], checks: &[Check]) -> Wish {
        let mut expected: BTreeMap<String, Vec<(String, Expect, Unit)>> = BTreeMap::new();
        for check in checks {
            for (setting, expect, unit) in check.settings(level) {
                let own = (check.id.clone(), expect.clone(), unit);
                expected.entry(setting.to_ascii_lowercase()).or_default().push(own);
            }
        }
        let names = frameworks.iter().map(|own| own.id.clone()).collect();
        Wish { level, frameworks: names, demands: demands(frameworks), expected, ..Wish::default() }
    }
}
