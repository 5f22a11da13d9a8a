//! The comment at the head of a script: why it exists, in a form that nothing from outside can break out of.

use super::comment::plain;
use hostward_model::{number, text, time};
use std::fmt::Write;

/// Most labels and evidence lines shown; the number of the others is said.
const LABELS_MAX: usize = 64;
const EVIDENCE_MAX: usize = 20;

/// What a script is an answer to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// Id of the artifact.
    pub artifact: String,
    /// Name of the alert.
    pub alert: String,
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// The rule's expression.
    pub expr: String,
    /// Value of the expression.
    pub value: f64,
    /// The alert's summary.
    pub summary: String,
    /// The alert's description.
    pub description: String,
    /// The series behind it, beside their baselines.
    pub evidence: Vec<Evidence>,
    /// When the alert fired, wall clock.
    pub at_ms: i64,
    /// hostward's version.
    pub version: String,
    /// Name of the host.
    pub host: String,
}

/// One series beside its baseline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The series in PromQL's form.
    pub series: String,
    /// Value, or rate per second for a counter.
    pub value: f64,
    /// What the baseline expected, once it knows the series.
    pub expected: Option<f64>,
    /// Lower and upper end of what is usual.
    pub band: Option<(f64, f64)>,
    /// Confidence that the value is unusual, 0 to 1.
    pub confidence: Option<f64>,
}

impl Header {
    /// The lines, each after `mark`; printable ASCII whatever the fields hold.
    ///
    /// Text that somebody else chose comes after the fifth line: editors look for settings in the first five.
    pub(super) fn lines(&self, mark: &str, title: &str, playbook: &str) -> String {
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(format!("{mark}{text}").trim_end());
            out.push('\n');
        };
        line(&format!("{} (diagnostic: it looks and changes nothing)", plain(title)));
        line("Run it as root to see everything; without root it says what it could not see.");
        line(&format!("artifact    {}", plain(&self.artifact)));
        line(&format!("written by  hostward {}, playbook {playbook}", plain(&self.version)));
        line("");
        self.facts().iter().for_each(|(name, value)| line(&format!("{name:<11} {value}")));
        line("");
        line(
            "Evidence: value now; what the baseline expected and its usual range; confidence that it is unusual",
        );
        self.evidence.iter().take(EVIDENCE_MAX).for_each(|row| line(&row.line()));
        if self.evidence.is_empty() {
            line("  none was kept");
        } else if self.evidence.len() > EVIDENCE_MAX {
            line(&format!("  and {} more series", self.evidence.len() - EVIDENCE_MAX));
        }
        out
    }

    fn facts(&self) -> [(&'static str, String); 8] {
        [
            ("alert", plain(&self.alert)),
            ("host", plain(&self.host)),
            ("fired", time::rfc3339(self.at_ms)),
            ("labels", self.label_set()),
            ("expression", plain(&self.expr)),
            ("value", number::brief(self.value)),
            ("summary", plain(&self.summary)),
            ("description", plain(&self.description)),
        ]
    }

    fn label_set(&self) -> String {
        let pairs = self.labels.iter().take(LABELS_MAX).map(|(name, value)| (plain(name), plain(value)));
        let pairs: Vec<_> = pairs.collect();
        let mut out = String::new();
        text::write_series(&mut out, "", pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        if self.labels.len() > LABELS_MAX {
            let _ = write!(out, " and {} more", self.labels.len() - LABELS_MAX);
        }
        out
    }
}

impl Evidence {
    fn line(&self) -> String {
        let mut out = format!("  {}: {}", plain(&self.series), number::brief(self.value));
        match self.expected {
            Some(expected) => out += &format!("; expected {}", number::brief(expected)),
            None => out += "; no baseline yet",
        }
        if let Some((low, high)) = self.band {
            out += &format!(", usual {} to {}", number::brief(low), number::brief(high));
        }
        if let Some(confidence) = self.confidence {
            out += &format!("; confidence {}", number::brief(confidence));
        }
        out
    }
}
