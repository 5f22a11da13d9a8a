//! SARIF 2.1.0, as code-scanning services and editors read it.
//!
//! A check is a rule, and each rule has one result: also what passes and does not apply is said, in SARIF's own words for
//! it, so that a viewer does not take silence for success.

use super::TOOL;
use super::outside::reference;
use super::record::{Checked, Record, Scored, Seen};
use crate::check::{Severity, Verdict};
use serde_json::{Value, json};
use std::fmt::Write;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const HOME: &str = "https://github.com/hostward/hostward";
/// Places that one result names; viewers refuse results with thousands.
const LOCATIONS_MAX: usize = 20;

/// The whole log.
pub fn sarif(record: &Record) -> String {
    let about = &record.about;
    let results = record.checks.iter().enumerate().filter_map(|(index, own)| result(index, own));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": TOOL,
                "semanticVersion": about.version,
                "informationUri": HOME,
                "rules": record.checks.iter().map(rule).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": format!("hostward/audit/{}/", about.host) },
            "invocations": [{ "executionSuccessful": true, "endTimeUtc": about.at, "machine": about.host }],
            "originalUriBaseIds": { "ROOT": { "uri": "file:///" } },
            "columnKind": "unicodeCodePoints",
            "properties": {
                "level": about.level.as_str(),
                "profile": about.profile,
                "frameworks": record.frameworks.iter().map(score).collect::<Vec<_>>(),
            },
            "results": results.collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn score(own: &Scored) -> Value {
    json!({ "id": own.id, "version": own.version, "ratioOfDecided": own.ratio_of_decided, "counts": own.counts })
}

fn rule(own: &Checked) -> Value {
    let asked = own.asked_by.iter().map(|asked| format!("{} {}", asked.framework, asked.requirement));
    let risks: String = own.risks.iter().map(|risk| format!(" Mind: {risk}")).collect();
    json!({
        "id": own.id,
        "shortDescription": { "text": own.title },
        "fullDescription": { "text": own.rationale },
        "help": { "text": format!("{}{risks} To mend it: hostward remediate {}", own.rationale, own.id) },
        "defaultConfiguration": { "level": level(own.severity) },
        "properties": {
            "tags": ["security", "hardening", own.area()],
            "security-severity": score_of(own.severity),
            "requirements": asked.collect::<Vec<_>>(),
        },
    })
}

fn result(index: usize, own: &Checked) -> Option<Value> {
    let kind = match own.verdict {
        Verdict::Fail | Verdict::Waived => "fail",
        Verdict::Pass => "pass",
        Verdict::NotApplicable => "notApplicable",
        // Whoever looked had not enough to say.
        Verdict::Error => "open",
        Verdict::NotSelected => return None,
    };
    let level = if kind == "fail" { level(own.severity) } else { "none" };
    let mut result = json!({
        "ruleId": own.id,
        "ruleIndex": index,
        "kind": kind,
        "level": level,
        "message": { "text": message(own) },
        "locations": own.flaws().filter_map(location).take(LOCATIONS_MAX).collect::<Vec<_>>(),
        "partialFingerprints": { "hostwardCheck/v1": own.id },
    });
    if own.verdict == Verdict::Waived {
        result["suppressions"] =
            json!([{ "kind": "external", "status": "accepted", "justification": own.reason }]);
    }
    Some(result)
}

fn message(own: &Checked) -> String {
    let flaws: String = own.flaws().take(LOCATIONS_MAX).fold(String::new(), |mut text, flaw| {
        let origin = flaw.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
        let _ = write!(text, "\n{}{origin}", flaw.said());
        text
    });
    let reason = if own.reason.is_empty() { String::new() } else { format!("\n{}", own.reason) };
    // Braces would be taken for places of arguments, of which there are none.
    format!("{}{reason}{flaws}", own.title).replace('{', "{{").replace('}', "}}")
}

fn location(own: &Seen) -> Option<Value> {
    let file = own.file.as_ref()?;
    let mut place = json!({ "artifactLocation": { "uri": reference(file), "uriBaseId": "ROOT" } });
    if let Some(line) = own.line {
        place["region"] = json!({ "startLine": line, "snippet": { "text": own.said() } });
    }
    Some(
        json!({ "physicalLocation": place, "message": { "text": own.what.replace('{', "{{").replace('}', "}}") } }),
    )
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// What GitHub sorts by: the middle of CVSS's range of that name.
fn score_of(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;
    use crate::scanner;

    fn log() -> Value {
        serde_json::from_str(&sarif(&record())).unwrap()
    }

    #[test]
    fn each_verdict_has_its_word() {
        let log = log();
        let said = |own: &Value| {
            let word = |name: &str| own[name].as_str().unwrap().to_owned();
            [word("ruleId"), word("kind"), word("level")].join(" ")
        };
        let results: Vec<_> = log["runs"][0]["results"].as_array().unwrap().iter().map(said).collect();
        assert_eq!(
            results,
            [
                "ssh.root_login fail error",
                "ssh.x11 pass none",
                "ssh.waived fail warning",
                "mount.home notApplicable none",
                "mount.tmp open none",
            ]
        );
        assert_eq!(log["runs"][0]["results"][2]["suppressions"][0]["status"], "accepted");
    }

    #[test]
    fn places_are_references_that_can_be_opened() {
        let place = &log()["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "etc/ssh/a%20%22b%22.conf");
        assert_eq!(place["region"]["startLine"], 2);
    }

    /// What failed comes back as a finding, with the check's id as its rule.
    #[test]
    fn our_own_reader_of_findings_takes_it() {
        let report = scanner::import("a.sarif", sarif(&record()).as_bytes(), None).unwrap();
        let rules: Vec<_> =
            report.findings.iter().map(|own| (own.tool.as_str(), own.rule.as_str())).collect();
        assert_eq!(rules, [("hostward", "ssh.root_login"), ("hostward", "mount.tmp")]);
    }
}
