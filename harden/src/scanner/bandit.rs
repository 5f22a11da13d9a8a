//! bandit's own JSON (`bandit -f json`).

use super::fault::Fault;
use super::json::{self, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Location, Severity};
use serde::Deserialize;

pub(super) static BANDIT: Format = Format {
    name: "bandit",
    about: "bandit -f json",
    tool: Some("bandit"),
    sniff: |shape| shape.has("results") && shape.has("metrics"),
    read,
};

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    results: Records<'a>,
}

#[derive(Deserialize)]
struct Issue<'a> {
    #[serde(borrow, default)]
    code: Words<'a>,
    #[serde(borrow)]
    filename: Words<'a>,
    #[serde(borrow, default)]
    issue_confidence: Words<'a>,
    #[serde(default)]
    issue_cwe: Cwe,
    #[serde(borrow, default)]
    issue_severity: Words<'a>,
    #[serde(borrow, default)]
    issue_text: Words<'a>,
    #[serde(borrow, default)]
    line_number: Words<'a>,
    /// Counted from 0.
    col_offset: Option<u32>,
    #[serde(borrow, default)]
    more_info: Words<'a>,
    #[serde(borrow)]
    test_id: Words<'a>,
}

#[derive(Default, Deserialize)]
struct Cwe {
    id: Option<u32>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let file: File = json::parse(text, text)?;
    for record in &file.results.kept {
        let issue: Issue = json::parse(text, record)?;
        report.push(finding(&issue), &flagged(&issue));
    }
    report.drop_unread(file.results.more);
    Ok(())
}

fn finding(issue: &Issue) -> Finding {
    let (line, column) = (issue.line_number.number(), issue.col_offset.map(|own| own.saturating_add(1)));
    let confidence = match issue.issue_confidence.some() {
        Some(word) => format!("\n(confidence of bandit: {})", word.to_lowercase()),
        None => String::new(),
    };
    Finding {
        tool: "bandit".to_owned(),
        rule: issue.test_id.owned(),
        cwe: issue.issue_cwe.id.into_iter().collect(),
        severity: Severity::from_word(&issue.issue_severity),
        title: issue.issue_text.owned(),
        location: Location::File { path: issue.filename.trim_start_matches("./").to_owned(), line, column },
        evidence: format!("{}{confidence}", issue.code.trim_end()),
        references: issue.more_info.some().into_iter().collect(),
        ..Finding::default()
    }
}

/// The flagged line among the numbered ones that are shown.
fn flagged(issue: &Issue) -> String {
    let lines = issue.code.lines().filter_map(|line| line.split_once(' '));
    let own = lines.filter(|(number, _)| *number == &*issue.line_number).map(|(_, line)| line).next();
    own.unwrap_or("").to_owned()
}
