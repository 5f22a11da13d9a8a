//! What one file holds.

use crate::finding::{Finding, Identity, tool_name};
use std::collections::BTreeSet;

/// Findings that are kept of one file; those beyond it are counted.
pub const FINDINGS_MAX: usize = 100_000;

const TOOLS_MAX: usize = 1_000;

/// What one file holds.
#[derive(Debug)]
pub struct Report {
    /// Name of the format.
    pub format: &'static str,
    /// The findings, each once.
    pub findings: Vec<Finding>,
    /// What the scanner itself counts as its results.
    pub results: usize,
    /// Results that name a finding again.
    pub repeated: usize,
    /// Results that the scanner's user has accepted, or that the scanner says are gone or no flaw.
    pub suppressed: usize,
    /// Results beyond [`FINDINGS_MAX`].
    pub dropped: usize,
    /// The programs that ran, as their findings name them; also one that found nothing.
    pub tools: BTreeSet<String>,
    identity: Identity,
}

impl Report {
    pub(super) fn new(format: &'static str) -> Report {
        Report {
            format,
            findings: Vec::new(),
            results: 0,
            repeated: 0,
            suppressed: 0,
            dropped: 0,
            tools: BTreeSet::new(),
            identity: Identity::default(),
        }
    }

    /// Takes note of a program that ran.
    pub(super) fn ran(&mut self, tool: &str) {
        if self.tools.len() < TOOLS_MAX {
            self.tools.insert(tool_name(tool));
        }
    }

    /// Takes a result in; `anchor` is the text of the flagged line, where there is one.
    pub(super) fn push(&mut self, finding: Finding, anchor: &str) {
        self.results += 1;
        if self.is_full() {
            self.dropped += 1;
            return;
        }
        let mut finding = finding.cleaned();
        match self.identity.of(&finding, anchor, self.findings.len()) {
            Ok(id) => {
                finding.id = id;
                self.findings.push(finding);
            }
            Err(earlier) => {
                self.repeated += 1;
                self.findings[earlier].times += 1;
            }
        }
    }

    /// True when what comes now is only counted.
    pub(super) fn is_full(&self) -> bool {
        self.findings.len() >= FINDINGS_MAX
    }

    /// Results that were in the file and not even read.
    pub(super) fn drop_unread(&mut self, count: usize) {
        self.results += count;
        self.dropped += count;
    }

    /// A result that is none to anybody.
    pub(super) fn suppress(&mut self) {
        self.suppressed += 1;
    }
}
