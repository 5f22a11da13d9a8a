//! OSCAL assessment results, the form of NIST in which auditors exchange what was assessed.
//!
//! A check is an observation with its evidence, a requirement that was decided is a finding that names its observations. What is
//! unknown, does not apply or cannot be decided on a host is no finding: OSCAL has only *satisfied* and *not satisfied* for one.

use super::outside::reference;
use super::record::{Checked, Known, Record, Scored, Seen};
use super::uuid::uuid;
use crate::check::Verdict;
use crate::compliance::Status;
use serde_json::{Value, json};
use std::fmt::Write;

/// The version in which this form has been the same since.
const VERSION: &str = "1.1.2";
/// Namespace of properties that OSCAL does not have.
const NAMESPACE: &str = "https://github.com/hostward/hostward/ns/oscal";
/// Evidence that one observation names.
const EVIDENCE_MAX: usize = 20;

/// The whole document.
pub fn oscal(record: &Record) -> String {
    let own = Names { record };
    let results = json!({ "assessment-results": {
        "uuid": own.uuid("document", ""),
        "metadata": {
            "title": format!("hostward audit of {}", record.about.host),
            "last-modified": record.about.at,
            "version": record.about.at,
            "oscal-version": VERSION,
        },
        "import-ap": { "href": format!("#{}", own.uuid("plan", "")) },
        "results": [own.result()],
        "back-matter": { "resources": [{
            "uuid": own.uuid("plan", ""),
            "title": "The plan of this assessment",
            "description": "No plan was written down: every check of hostward that the level and the frameworks ask for was run.",
        }] },
    } });
    format!("{:#}\n", without_empty(results))
}

/// An empty list is no list in OSCAL.
fn without_empty(value: Value) -> Value {
    let is_empty = |own: &Value| own.as_array().is_some_and(Vec::is_empty);
    match value {
        Value::Array(all) => all.into_iter().map(without_empty).collect(),
        Value::Object(all) => {
            let kept = all.into_iter().filter(|(_, own)| !is_empty(own));
            Value::Object(kept.map(|(key, own)| (key, without_empty(own))).collect())
        }
        other => other,
    }
}

/// A record whose parts are named by what they are.
struct Names<'r> {
    record: &'r Record,
}

impl Names<'_> {
    fn uuid(&self, kind: &str, name: &str) -> String {
        uuid(&["hostward", &self.record.about.host, &self.record.about.at, kind, name])
    }

    fn result(&self) -> Value {
        let about = &self.record.about;
        let findings: Vec<Value> = self.record.frameworks.iter().flat_map(|own| self.findings(own)).collect();
        let reviewed: Vec<Value> =
            findings.iter().map(|own| json!({ "control-id": own["target"]["target-id"] })).collect();
        let selection = if reviewed.is_empty() {
            json!({ "include-all": {} })
        } else {
            json!({ "include-controls": reviewed })
        };
        let run = self.record.checks.iter().filter(|own| own.verdict != Verdict::NotSelected);
        json!({
            "uuid": self.uuid("result", ""),
            "title": format!("Audit of {}", about.host),
            "description": format!("State of the files of the host at level {}.", about.level.as_str()),
            "start": about.at,
            "end": about.at,
            "local-definitions": self.definitions(),
            "reviewed-controls": { "control-selections": [selection] },
            "observations": run.map(|own| self.observation(own)).collect::<Vec<_>>(),
            "findings": findings,
        })
    }

    fn definitions(&self) -> Value {
        let about = &self.record.about;
        json!({
            "components": [{
                "uuid": self.uuid("tool", ""),
                "type": "software",
                "title": "hostward",
                "description": "The program that looked.",
                "props": [property("version", if about.version.is_empty() { "unknown" } else { &about.version })],
                "status": { "state": "operational" },
            }],
            "inventory-items": [{
                "uuid": self.uuid("host", ""),
                "description": format!("The host {}", about.host),
            }],
        })
    }

    fn observation(&self, own: &Checked) -> Value {
        let mut props = vec![
            property("check", &own.id),
            property("severity", own.severity.as_str()),
            property("verdict", own.verdict.as_str()),
        ];
        if !own.reason.is_empty() {
            props.push(property("reason", &own.reason));
        }
        let evidence: Vec<Value> = own.observations.iter().take(EVIDENCE_MAX).map(evidence).collect();
        json!({
            "uuid": self.uuid("observation", &own.id),
            "title": own.title,
            "description": described(own),
            "props": props,
            "methods": ["TEST"],
            "types": ["finding"],
            "origins": [{ "actors": [{ "type": "tool", "actor-uuid": self.uuid("tool", "") }] }],
            "subjects": [{ "subject-uuid": self.uuid("host", ""), "type": "inventory-item" }],
            "relevant-evidence": evidence,
            "collected": self.record.about.at,
        })
    }

    fn findings(&self, framework: &Scored) -> Vec<Value> {
        framework.requirements.iter().filter_map(|own| self.finding(framework, own)).collect()
    }

    fn finding(&self, framework: &Scored, own: &Known) -> Option<Value> {
        let (state, reason) = match own.status {
            Status::Passed => ("satisfied", "pass"),
            // People and papers remain to be looked at.
            Status::PassedHere => ("satisfied", "other"),
            Status::Failed => ("not-satisfied", "fail"),
            Status::Waived => ("not-satisfied", "other"),
            Status::NotApplicable | Status::Unknown | Status::NotDecidable => return None,
        };
        let name = format!("{} {}", framework.id, own.id);
        let mut props = vec![property("framework", &framework.id), property("requirement", &own.id)];
        props.extend(own.grade.map(|grade| property("grade", grade.as_str())));
        let asks = |check: &&Checked| {
            check.verdict != Verdict::NotSelected
                && check.asked_by.iter().any(|by| by.framework == framework.id && by.requirement == own.id)
        };
        let related = self.record.checks.iter().filter(asks);
        let related = related.map(|check| json!({ "observation-uuid": self.uuid("observation", &check.id) }));
        Some(json!({
            "uuid": self.uuid("finding", &name),
            "title": format!("{} {}: {}", framework.title, own.id, own.status.as_str()),
            "description": format!("{} {}, {}: {}", framework.title, framework.version, own.id, own.status.as_str()),
            "props": props,
            "target": {
                "type": "objective-id",
                "target-id": control(&framework.id, &own.id),
                "status": { "state": state, "reason": reason, "remarks": own.status.as_str() },
            },
            "related-observations": related.collect::<Vec<_>>(),
        }))
    }
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": value })
}

fn described(own: &Checked) -> String {
    let flaws = own.flaws().take(EVIDENCE_MAX);
    flaws.fold(format!("{}: {}", own.title, own.verdict.as_str()), |mut text, flaw| {
        let _ = write!(text, "\n{}", flaw.said());
        text
    })
}

fn evidence(own: &Seen) -> Value {
    let place = own.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
    let mut evidence = json!({ "description": format!("{}{place}", own.said()) });
    if let Some(file) = &own.file {
        evidence["href"] = json!(format!("file:///{}", reference(file)));
    }
    evidence
}

/// A requirement by its id in a catalogue. NIST's own catalogue of 800-53 in OSCAL says `ac-2.1` for `AC-2(1)`; for others there is none
/// that everybody uses, and a token must begin with a letter.
fn control(framework: &str, requirement: &str) -> String {
    if framework == "nist-800-53" {
        return token(&requirement.to_lowercase().replace('(', ".").replace([')', ' '], ""));
    }
    token(&format!("{framework}_{requirement}"))
}

fn token(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' };
    text.chars().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    fn document() -> Value {
        serde_json::from_str::<Value>(&oscal(&record())).unwrap()["assessment-results"].take()
    }

    #[test]
    fn what_was_decided_is_a_finding_with_its_observations() {
        let document = document();
        let result = &document["results"][0];
        let said = |own: &Value| {
            let target = &own["target"];
            [&target["target-id"], &target["status"]["state"], &target["status"]["reason"]]
                .map(|own| own.as_str().unwrap().to_owned())
                .join(" ")
        };
        let findings = result["findings"].as_array().unwrap();
        assert_eq!(
            findings.iter().map(said).collect::<Vec<_>>(),
            ["cis_5.1.20 not-satisfied fail", "cis_5.1.21 satisfied other"]
        );
        let related = &findings[0]["related-observations"][0]["observation-uuid"];
        let observation =
            result["observations"].as_array().unwrap().iter().find(|own| own["uuid"] == *related).unwrap();
        assert_eq!(observation["props"][0]["value"], "ssh.root_login");
        assert_eq!(observation["relevant-evidence"][0]["href"], "file:///etc/ssh/a%20%22b%22.conf");
    }

    #[test]
    fn nothing_is_empty_and_nothing_is_left_out() {
        assert!(!oscal(&record()).contains("[]"));
        assert_eq!(document()["results"][0]["observations"].as_array().unwrap().len(), 5);
    }

    #[test]
    fn requirements_are_called_as_in_their_catalogue() {
        assert_eq!(control("nist-800-53", "AC-2(1)"), "ac-2.1");
        assert_eq!(control("nist-800-53", "AU-12 (3)"), "au-12.3");
        assert_eq!(control("pci-dss", "2.2.4"), "pci-dss_2.2.4");
        assert_eq!(control("gdpr", "32(1)(b)"), "gdpr_32_1__b_");
    }
}
