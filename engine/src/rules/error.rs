//! Why a rule was refused.

use std::fmt;

/// A rule, a group or a file that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// Name of the file.
    pub file: String,
    /// Line in it, from 1; 0 when nothing is known about the place.
    pub line: u64,
    /// Name of the group; empty when the whole file is meant.
    pub group: String,
    /// Name of the rule; empty when the whole group is meant.
    pub rule: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.group.is_empty() {
            write!(f, "group {}: ", self.group)?;
        }
        if !self.rule.is_empty() {
            write!(f, "rule {}: ", self.rule)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for RuleError {}
