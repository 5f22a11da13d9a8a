//! semgrep's own JSON (`semgrep --json`).

use super::fault::Fault;
use super::json::{self, OneOrMore, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Location, Severity, cwe};
use serde::Deserialize;

pub(super) static SEMGREP: Format = Format {
    name: "semgrep",
    about: "semgrep --json",
    tool: Some("semgrep"),
    sniff: |shape| shape.has("results") && shape.has("paths"),
    read,
};

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    results: Records<'a>,
}

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(borrow)]
    check_id: Words<'a>,
    #[serde(borrow)]
    path: Words<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    start: Point<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    extra: Extra<'a>,
}

#[derive(Default, Deserialize)]
struct Point<'a> {
    #[serde(borrow, default)]
    line: Words<'a>,
    #[serde(borrow, default)]
    col: Words<'a>,
}

#[derive(Default, Deserialize)]
struct Extra<'a> {
    #[serde(borrow, default)]
    message: Words<'a>,
    #[serde(borrow, default)]
    severity: Words<'a>,
    /// The matched lines, or `requires login`.
    #[serde(borrow, default)]
    lines: Words<'a>,
    #[serde(default)]
    is_ignored: bool,
    #[serde(borrow, default, deserialize_with = "json::given")]
    metadata: Metadata<'a>,
}

#[derive(Default, Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    cwe: OneOrMore<'a>,
    #[serde(borrow, default)]
    references: OneOrMore<'a>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let file: File = json::parse(text, text)?;
    for record in &file.results.kept {
        let hit: Hit = json::parse(text, record)?;
        if hit.extra.is_ignored {
            report.suppress();
        } else {
            report.push(finding(&hit), lines(&hit).lines().next().unwrap_or(""));
        }
    }
    report.drop_unread(file.results.more);
    Ok(())
}

fn lines<'h>(hit: &'h Hit) -> &'h str {
    if &*hit.extra.lines == "requires login" { "" } else { &hit.extra.lines }
}

fn finding(hit: &Hit) -> Finding {
    let (line, column) = (hit.start.line.number(), hit.start.col.number());
    Finding {
        tool: "semgrep".to_owned(),
        rule: hit.check_id.owned(),
        cwe: hit.extra.metadata.cwe.0.iter().filter_map(|own| cwe(own)).collect(),
        severity: Severity::from_word(&hit.extra.severity),
        title: hit.extra.message.or(&hit.check_id).to_owned(),
        location: Location::File { path: hit.path.trim_start_matches("./").to_owned(), line, column },
        evidence: lines(hit).to_owned(),
        references: hit.extra.metadata.references.0.iter().filter_map(Words::some).collect(),
        ..Finding::default()
    }
}
