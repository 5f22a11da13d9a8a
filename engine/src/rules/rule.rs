//! One rule: an alert, or a series to record.

use super::template::{Around, Template};
use crate::labels::{Labels, NAME};
use crate::promql::Expr;

/// A rule, checked and ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Whether its results are alerts or series.
    pub kind: RuleKind,
    /// Name of the alert or of the series.
    pub name: String,
    /// Each result is an alert or a sample.
    pub expr: Expr,
    /// How long the condition must hold before the alert fires.
    pub for_ms: u64,
    /// How long the alert goes on firing after the condition ended.
    pub keep_firing_for_ms: u64,
    /// Labels that the result gets; they win over its own.
    pub labels: Vec<(String, Template)>,
    /// What people read.
    pub annotations: Vec<(String, Template)>,
    /// Line of the rule in its file.
    pub line: u64,
    /// Another rule has the same name and labels: only the expression tells their alerts apart.
    pub has_twin: bool,
}

/// What a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// Its results are alerts.
    Alert,
    /// Its results are samples of a new series.
    Record,
}

impl Rule {
    /// The labels of the alert for one result: the result's, the rule's and `alertname`.
    pub fn labels_for(&self, result: &Labels, value: f64, around: Around<'_>) -> Labels {
        let mut labels = result.clone();
        labels.set(NAME, "");
        for (name, template) in &self.labels {
            labels.set(name.as_str(), render(template, result, value, around));
        }
        labels.set("alertname", self.name.as_str());
        labels
    }

    /// The labels of the sample for one result of a recording rule.
    pub fn recorded_labels(&self, result: &Labels) -> Labels {
        let mut labels = result.clone();
        labels.set(NAME, self.name.as_str());
        for (name, template) in &self.labels {
            labels.set(name.as_str(), template.text());
        }
        labels
    }

    /// The annotations of the alert for one result.
    pub fn annotations_for(&self, result: &Labels, value: f64, around: Around<'_>) -> Labels {
        let filled =
            |(name, template): &(String, Template)| (name.clone(), render(template, result, value, around));
        Labels::new(self.annotations.iter().map(filled))
    }
}

/// A text that cannot be filled must not hide the alert, so the reason takes its place.
fn render(template: &Template, labels: &Labels, value: f64, around: Around<'_>) -> String {
    let filled = template.render(labels, value, around);
    filled.unwrap_or_else(|error| format!("<error expanding template: {error}>"))
}
