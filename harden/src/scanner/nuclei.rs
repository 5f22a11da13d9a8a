//! nuclei's results: JSON in lines (`-jsonl`), or in one list (`-json-export`).

use super::fault::Fault;
use super::json::{self, Few, OneOrMore, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Location, Severity, cwe};
use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) static NUCLEI: Format = Format {
    name: "nuclei",
    about: "nuclei -jsonl, nuclei -json-export",
    tool: Some("nuclei"),
    sniff: |shape| ["template-id", "templateID"].iter().any(|key| shape.has(key) || shape.lists(key)),
    read,
};

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(borrow, rename = "template-id", alias = "templateID")]
    template: Words<'a>,
    #[serde(borrow)]
    info: About<'a>,
    #[serde(borrow, default, rename = "matcher-name", alias = "matcher_name")]
    matcher: Words<'a>,
    #[serde(borrow, default)]
    host: Words<'a>,
    #[serde(borrow, default, rename = "matched-at", alias = "matched")]
    at: Words<'a>,
    /// False with `-matcher-status` for a template that did not match.
    #[serde(default = "yes", rename = "matcher-status", alias = "matcher_status")]
    matched: bool,
    #[serde(borrow, default, rename = "extracted-results", alias = "extracted_results")]
    extracted: Few<Words<'a>>,
}

#[derive(Deserialize)]
struct About<'a> {
    #[serde(borrow, default)]
    name: Words<'a>,
    #[serde(borrow, default)]
    severity: Words<'a>,
    #[serde(borrow, default)]
    description: Words<'a>,
    #[serde(borrow, default)]
    remediation: Words<'a>,
    #[serde(borrow, default)]
    reference: OneOrMore<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    classification: Class<'a>,
}

#[derive(Default, Deserialize)]
struct Class<'a> {
    #[serde(borrow, default, rename = "cwe-id")]
    cwe: OneOrMore<'a>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    if !text.trim_start().starts_with('[') {
        let mut hits = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        return hits.try_for_each(|hit| {
            let hit = hit.map_err(|error| json::fault(text, text, &error))?;
            add(text, hit.get(), report)
        });
    }
    let hits: Records = json::parse(text, text)?;
    hits.kept.iter().try_for_each(|record| add(text, record, report))?;
    report.drop_unread(hits.more);
    Ok(())
}

fn add(text: &str, record: &str, report: &mut Report) -> Result<(), Fault> {
    let hit: Hit = json::parse(text, record)?;
    if hit.matched {
        report.push(finding(&hit), "");
    } else {
        report.suppress();
    }
    Ok(())
}

fn yes() -> bool {
    true
}

fn finding(own: &Hit) -> Finding {
    let matcher = own.matcher.some().map_or(String::new(), |name| format!(":{name}"));
    let extracted: Vec<_> = own.extracted.0.iter().map(|text| &**text).collect();
    Finding {
        tool: "nuclei".to_owned(),
        rule: format!("{}{matcher}", &*own.template),
        cwe: own.info.classification.cwe.0.iter().filter_map(|own| cwe(own)).collect(),
        severity: Severity::from_word(&own.info.severity),
        title: own.info.name.or(&own.template).to_owned(),
        location: Location::Url { url: own.at.or(&own.host).to_owned() },
        evidence: format!("{}\n{}", &*own.info.description, extracted.join("\n")),
        advice: own.info.remediation.owned(),
        references: own.info.reference.0.iter().filter_map(Words::some).collect(),
        ..Finding::default()
    }
}
