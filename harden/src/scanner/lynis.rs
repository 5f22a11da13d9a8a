//! Lynis' `report.dat`: lines `key[]=a|b|c|`, of which warnings and suggestions are its results.

use super::fault::Fault;
use super::shape::Shape;
use super::{Format, Report};
use crate::finding::{Finding, Location, Severity};
use std::collections::BTreeMap;

/// Bytes of details kept of one test; a finding shows less.
const DETAILS_BYTES_MAX: usize = 4 << 10;

pub(super) static LYNIS: Format = Format {
    name: "lynis",
    about: "/var/log/lynis-report.dat",
    tool: Some("lynis"),
    sniff: |shape| {
        let Shape::Text(text) = shape else { return false };
        text.starts_with("# Lynis") || text.lines().any(|line| line.starts_with("report_version_major="))
    },
    read,
};

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let details = details(text);
    let mut found = false;
    for line in text.lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        found = true;
        let severity = match key {
            "warning[]" => Severity::Medium,
            "suggestion[]" => Severity::Low,
            _ => continue,
        };
        if report.is_full() {
            report.drop_unread(1);
        } else {
            report.push(finding(value, severity, &details), "");
        }
    }
    if found { Ok(()) } else { Err(Fault::whole("expected lines of the form key=value, found none")) }
}

/// What the lines `details[]` and `vulnerable_package[]` add to the test that they name.
fn details(text: &str) -> BTreeMap<&str, String> {
    let mut details: BTreeMap<&str, String> = BTreeMap::new();
    for line in text.lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        let (test, detail) = match key {
            "details[]" => value.split_once('|').unwrap_or((value, "")),
            "vulnerable_package[]" => ("PKGS-7392", value),
            _ => continue,
        };
        let own = details.entry(test).or_default();
        if own.len() + detail.len() < DETAILS_BYTES_MAX {
            own.push_str(detail.trim_end_matches('|'));
            own.push('\n');
        }
    }
    details
}

/// `test|text|details|solution|`, where `-` and nothing are nothing.
fn finding(value: &str, severity: Severity, details: &BTreeMap<&str, String>) -> Finding {
    let mut fields = value.split('|').map(|own| if own == "-" { "" } else { own });
    let mut next = || fields.next().unwrap_or("");
    let (test, text, detail, solution) = (next(), next(), next(), next());
    let own = details.get(test).map_or("", String::as_str);
    // Of a test that lists options one by one, only the lines about this one.
    let option = detail.split(" (set ").next().filter(|_| detail.contains(" (set "));
    let about = |line: &&str| option.is_none_or(|option| line.contains(&format!("field:{option};")));
    let lines: Vec<_> = own.lines().filter(about).collect();
    Finding {
        tool: "lynis".to_owned(),
        rule: test.to_owned(),
        severity: Some(severity),
        title: if detail.is_empty() { text.to_owned() } else { format!("{text}: {detail}") },
        location: Location::Setting { name: option.unwrap_or(text).to_owned() },
        evidence: lines.join("\n"),
        advice: solution.strip_prefix("text:").unwrap_or(solution).to_owned(),
        references: vec![format!("https://cisofy.com/lynis/controls/{test}/")],
        ..Finding::default()
    }
}
