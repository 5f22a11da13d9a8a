//! Rule files in Prometheus' format.
//!
//! A bad rule is refused by file, line and reason when it is loaded; the others of the same file go on.

mod duration;
mod entries;
mod error;
mod file;
mod rule;
pub mod template;
mod yaml;

pub use duration::parse_duration_ms;
pub use error::RuleError;
pub use rule::Rule;
pub use template::Template;

/// Rules that were loaded together.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// In the order of the files and of the groups in them.
    pub groups: Vec<Group>,
}

/// Rules that are evaluated at the same instant.
#[derive(Debug)]
pub struct Group {
    /// Unique in its file.
    pub name: String,
    /// Where it was read from.
    pub file: String,
    /// How often it is evaluated, when the file says so.
    pub interval_ms: Option<u64>,
    /// In the order of the file.
    pub rules: Vec<Rule>,
}

impl RuleSet {
    /// Reads rule files, given by name and text. What is wrong is left out and told.
    pub fn parse(files: &[(String, String)]) -> (RuleSet, Vec<RuleError>) {
        let (mut set, mut errors) = (RuleSet::default(), Vec::new());
        for (name, text) in files {
            let (groups, refused) = file::parse(name, text);
            set.groups.extend(groups);
            errors.extend(refused);
        }
        (set, errors)
    }

    /// All rules of all groups.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }
}

/// Whether a label may be called so: letters, digits and `_`, not beginning with a digit.
pub fn is_label_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(word)
}
