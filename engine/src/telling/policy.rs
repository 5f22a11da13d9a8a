//! What an administrator said about telling: which receiver gets what, and what hides what.

use super::{Inhibition, Matchers};
use crate::alert::Alert;
use crate::labels::Labels;
use serde::{Deserialize, Serialize};

/// Everything that was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// Labels that every alert carries when it leaves the host, unless it has its own of that name.
    pub labels: Labels,
    /// Who is told what.
    pub routes: Vec<Route>,
    /// Which alerts hide which.
    pub inhibitions: Vec<Inhibition>,
}

/// What one receiver is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    /// Its name.
    pub receiver: String,
    /// What an alert's labels must be.
    pub matchers: Matchers,
    /// Alerts below are not told.
    pub min_severity: Severity,
    /// Whether the end of an alert is told, too.
    pub send_resolved: bool,
    /// After how long an alert that still fires is told again.
    pub repeat_ms: Option<i64>,
}

/// How grave an alert is, by its label `severity`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// No label, or `none`.
    #[default]
    None,
    /// `info`
    Info,
    /// `warning`
    Warning,
    /// `critical`, and every word that is not known: rather once too often than never.
    Critical,
}

impl Severity {
    /// Of the label's value.
    pub fn of(word: &str) -> Self {
        match word {
            "" | "none" => Severity::None,
            "info" => Severity::Info,
            "warning" => Severity::Warning,
            _ => Severity::Critical,
        }
    }
}

impl Policy {
    /// An alert's labels as others see them.
    pub fn outward(&self, labels: &Labels) -> Labels {
        let mut all = self.labels.clone();
        labels.iter().for_each(|(name, value)| all.set(name, value));
        all
    }

    /// The same alert with the labels that others see.
    pub fn outward_alert(&self, alert: &Alert) -> Alert {
        Alert { labels: self.outward(&alert.labels), ..alert.clone() }
    }
}

impl Route {
    /// Whether an alert with these labels is for this receiver.
    pub fn takes(&self, labels: &Labels) -> bool {
        Severity::of(labels.get("severity")) >= self.min_severity && self.matchers.matches(labels)
    }

    /// Whether it is time to say once more that an alert fires.
    pub fn is_reminder_due(&self, told_ms: i64, now_ms: i64) -> bool {
        self.repeat_ms.is_some_and(|repeat_ms| now_ms - told_ms >= repeat_ms)
    }
}
