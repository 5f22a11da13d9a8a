//! Rule files in Prometheus' format.
//!
//! A bad rule is refused by file, line and reason when it is loaded; the others of the same file go on.

pub mod backtest;
mod duration;
mod entries;
mod error;
mod file;
mod rule;
pub mod template;
pub mod unit;
mod yaml;

pub use duration::parse_duration_ms;
pub use error::RuleError;
pub use rule::{Rule, RuleKind};
pub use template::{Around, Template};

use crate::labels::Labels;
use hostward_model::Metric;
use std::collections::HashMap;

/// Rules that were loaded together.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// In the order of the files and of the groups in them.
    pub groups: Vec<Group>,
    /// What templates see as `$externalLabels`.
    pub external_labels: Labels,
    /// What probes may yield: a rule that names other metrics is told of, as long as no series shows them.
    pub declared: Vec<&'static Metric>,
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
    /// A rule with more results than this fails; 0 is no limit.
    pub limit: usize,
    /// How long before the evaluation its rules look.
    pub query_offset_ms: u64,
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
        set.mark_twins();
        (set, errors)
    }

    /// Finds the rules whose alerts would have the same labels.
    fn mark_twins(&mut self) {
        let key = |rule: &Rule| {
            let labels = rule.labels.iter().map(|(name, text)| (name.clone(), text.text().to_owned()));
            (rule.kind == RuleKind::Record, rule.name.clone(), labels.collect::<Vec<_>>())
        };
        let mut seen = HashMap::new();
        self.rules().for_each(|rule| *seen.entry(key(rule)).or_insert(0_usize) += 1);
        for rule in self.groups.iter_mut().flat_map(|group| &mut group.rules) {
            rule.has_twin = seen.get(&key(rule)).is_some_and(|count| *count > 1);
        }
    }

    /// All rules of all groups.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }
}

/// Whether a metric may be called so: as a label, but with `:` too.
pub fn is_metric_name(name: &str) -> bool {
    is_label_name(&name.replace(':', "_"))
}

/// Whether a label may be called so: letters, digits and `_`, not beginning with a digit.
pub fn is_label_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(word)
}
