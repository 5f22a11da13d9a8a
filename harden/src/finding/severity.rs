//! How bad a finding is.

use crate::check;
use serde::{Deserialize, Serialize};

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Good practice.
    Low,
    /// Makes an attack easier.
    Medium,
    /// Lets somebody in.
    High,
    /// Lets anybody in.
    Critical,
}

impl Severity {
    /// Each, the least first.
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// From a scanner's word; nothing for `unknown` and what else says nothing.
    pub fn from_word(word: &str) -> Option<Severity> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "critical" => Severity::Critical,
            "high" | "error" | "important" => Severity::High,
            "medium" | "moderate" | "warning" => Severity::Medium,
            "low" | "note" | "minor" => Severity::Low,
            "info" | "informational" | "negligible" | "none" => Severity::Info,
            _ => return None,
        })
    }

    /// From a CVSS score, by the ranges of CVSS 3.
    pub fn from_score(score: f64) -> Option<Severity> {
        match score {
            9.0..=10.0 => Some(Severity::Critical),
            7.0..9.0 => Some(Severity::High),
            4.0..7.0 => Some(Severity::Medium),
            0.1..4.0 => Some(Severity::Low),
            0.0..0.1 => Some(Severity::Info),
            _ => None,
        }
    }
}

impl From<check::Severity> for Severity {
    fn from(own: check::Severity) -> Severity {
        match own {
            check::Severity::Low => Severity::Low,
            check::Severity::Medium => Severity::Medium,
            check::Severity::High => Severity::High,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_scores() {
        let words = ["CRITICAL", " High", "moderate", "LOW", "Negligible", "UNKNOWN", ""];
        let severities = words.map(Severity::from_word);
        use Severity::*;
        assert_eq!(severities, [Some(Critical), Some(High), Some(Medium), Some(Low), Some(Info), None, None]);
        let scores = [9.8, 9.0, 8.99, 4.0, 0.1, 0.0, -1.0, 11.0, f64::NAN].map(Severity::from_score);
        assert_eq!(
            scores,
            [
                Some(Critical),
                Some(Critical),
                Some(High),
                Some(Medium),
                Some(Low),
                Some(Info),
                None,
                None,
                None
            ]
        );
    }
}
