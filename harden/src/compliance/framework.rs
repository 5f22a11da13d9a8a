//! Frameworks: catalogues that others publish, as requirements with the checks that speak of them.

use crate::check::Expect;
use crate::content::{self, ContentError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A published catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// What it is called on the command line.
    pub id: String,
    /// Its own name.
    pub title: String,
    /// Which edition.
    pub version: String,
    /// What its score says and does not say.
    pub about: String,
    /// Where the mapping was read, or what it was derived from.
    pub sources: Vec<String>,
    /// Values that it asks for, by `area/key` of a setting, where a level may ask for less.
    #[serde(default)]
    pub values: BTreeMap<String, Expect>,
    /// By their own numbers.
    pub requirements: BTreeMap<String, Requirement>,
}

/// An item of a framework.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// How much of it a host can decide.
    pub decidable: Decidable,
    /// Checks that a curated source maps to it.
    #[serde(default)]
    pub curated: Vec<String>,
    /// Checks that another framework's mapping, or what the requirement itself names, leads to.
    #[serde(default)]
    pub derived: Vec<String>,
    /// Checks that share a block of references with many others: that they belong here is likely, not certain.
    #[serde(default)]
    pub template: Vec<String>,
}

/// How much of a requirement the state of a host can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decidable {
    /// All of it.
    Yes,
    /// A part: when the checks pass, people and papers remain.
    Partly,
    /// Nothing.
    No,
}

/// How sure it is that a check belongs to a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// A curated source says so.
    Curated,
    /// It follows from another mapping, or from what the requirement itself names.
    Derived,
    /// It comes from a block that many checks share.
    Template,
}

impl Framework {
    /// Reads one framework; `file` is the name that errors give.
    pub fn parse(file: &str, text: &str) -> Result<Framework, ContentError> {
        let framework: Framework = content::parse(file, text)?;
        if let Some((setting, flaw)) =
            framework.values.iter().find_map(|(own, asked)| Some((own, asked.flaw()?)))
        {
            return Err(ContentError::whole(file, format!("value {setting:?}: {flaw}")));
        }
        let mut requirements = framework.requirements.iter();
        let wrong =
            requirements.find(|(_, own)| (own.decidable == Decidable::No) != own.checks().next().is_none());
        match wrong {
            Some((id, _)) => {
                let message = format!(
                    "requirement {id:?}: it has checks exactly when it is decidable, at least partly"
                );
                Err(ContentError::whole(file, message))
            }
            None => Ok(framework),
        }
    }
}

impl Requirement {
    /// Its checks with the grade of each.
    pub fn checks(&self) -> impl Iterator<Item = (&str, Grade)> {
        let all = [
            graded(&self.curated, Grade::Curated),
            graded(&self.derived, Grade::Derived),
            graded(&self.template, Grade::Template),
        ];
        all.into_iter().flatten()
    }
}

fn graded(checks: &[String], grade: Grade) -> impl Iterator<Item = (&str, Grade)> {
    checks.iter().map(move |check| (check.as_str(), grade))
}

impl Grade {
    /// The word in content and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Grade::Curated => "curated",
            Grade::Derived => "derived",
            Grade::Template => "template",
        }
    }
}
