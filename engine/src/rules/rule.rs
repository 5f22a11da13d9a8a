//! One alerting rule.

use super::template::Template;
use crate::labels::{Labels, NAME};
use crate::promql::Expr;

/// An alerting rule, checked and ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Name of the alert.
    pub name: String,
    /// The condition: each result is an alert.
    pub expr: Expr,
    /// How long the condition must hold before the alert fires.
    pub for_ms: u64,
    /// How long the alert goes on firing after the condition ended.
    pub keep_firing_for_ms: u64,
    /// Labels that the alert gets; they win over those of the result.
    pub labels: Vec<(String, Template)>,
    /// What people read.
    pub annotations: Vec<(String, Template)>,
    /// Line of the rule in its file.
    pub line: u64,
}

impl Rule {
    /// The labels of the alert for one result: the result's, the rule's and `alertname`.
    pub fn labels_for(&self, result: &Labels, value: f64) -> Labels {
        let mut labels = result.clone();
        labels.set(NAME, "");
        for (name, template) in &self.labels {
            labels.set(name.as_str(), render(template, result, value));
        }
        labels.set("alertname", self.name.as_str());
        labels
    }

    /// The annotations of the alert for one result.
    pub fn annotations_for(&self, result: &Labels, value: f64) -> Labels {
        let filled = |(name, template): &(String, Template)| (name.clone(), render(template, result, value));
        Labels::new(self.annotations.iter().map(filled))
    }
}

/// A text that cannot be filled must not hide the alert, so the reason takes its place.
fn render(template: &Template, labels: &Labels, value: f64) -> String {
    template.render(labels, value).unwrap_or_else(|error| format!("<error expanding template: {error}>"))
}
