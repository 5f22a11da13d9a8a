//! Findings: something wrong with evidence, whoever found it, in one form.
//!
//! A finding is known again by its fingerprint, so the same flaw seen by the same tool in a later scan is the same
//! finding though lines have moved. What becomes of it is in [`state`].

mod fingerprint;
mod kind;
mod location;
mod own;
mod severity;
pub mod state;
pub mod text;
pub mod track;

pub use fingerprint::Identity;
pub use kind::Kind;
pub(crate) use kind::cwe;
pub use location::Location;
pub use own::{TOOL as OWN_TOOL, lay_audit, of_judgement};
pub use severity::Severity;

use serde::{Deserialize, Serialize};

/// What is kept of one text, in characters of its own.
pub const TITLE_CHARS_MAX: usize = 240;
/// What is kept of one piece of evidence, in characters of its own.
pub const EVIDENCE_CHARS_MAX: usize = 2_000;
/// What is kept of an address or a path, in characters of its own.
pub const PLACE_CHARS_MAX: usize = 4_096;
const NAME_CHARS_MAX: usize = 200;
const REFERENCES_MAX: usize = 16;
const CWES_MAX: usize = 16;

/// Something that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// 16 hexadecimal digits, the same in every scan that sees it.
    pub id: String,
    /// The program that found it, in lower case.
    pub tool: String,
    /// What the program calls this sort of flaw.
    pub rule: String,
    /// What it is, by its weaknesses.
    pub kind: Kind,
    /// Numbers in MITRE's list of weaknesses.
    pub cwe: Vec<u32>,
    /// How bad; absent when the program does not say.
    pub severity: Option<Severity>,
    /// One sentence.
    pub title: String,
    /// Where.
    pub location: Location,
    /// What was seen there.
    pub evidence: String,
    /// What the program itself advises.
    pub advice: String,
    /// Where to read on.
    pub references: Vec<String>,
    /// How often this scan named it.
    pub times: u32,
}

impl Finding {
    /// The finding with all its texts harmless and within their bounds.
    pub(crate) fn cleaned(mut self) -> Finding {
        self.tool = tool_name(&self.tool);
        self.rule = text::line(&self.rule, NAME_CHARS_MAX);
        self.title = text::line(&self.title, TITLE_CHARS_MAX);
        self.evidence = text::lines(&self.evidence, EVIDENCE_CHARS_MAX);
        self.advice = text::lines(&self.advice, EVIDENCE_CHARS_MAX);
        self.location = self.location.cleaned();
        self.references.retain(|own| !own.trim().is_empty());
        self.references.truncate(REFERENCES_MAX);
        self.references.iter_mut().for_each(|own| *own = text::line(own, PLACE_CHARS_MAX));
        let mut seen = Vec::new();
        self.cwe.retain(|own| {
            !seen.contains(own) && seen.len() < CWES_MAX && {
                seen.push(*own);
                true
            }
        });
        self.kind = Kind::of(&self.cwe, self.kind);
        self.times = 1;
        self
    }
}

/// A program's name as findings have it.
pub(crate) fn tool_name(name: &str) -> String {
    text::line(&name.to_lowercase(), NAME_CHARS_MAX)
}
