//! ZAP's JSON report. ZAP counts alerts; the requests that showed one are its evidence.

use super::fault::Fault;
use super::json::{self, Few, OneOrMore, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Location, Severity};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt::Write;

const INSTANCES_SHOWN_MAX: usize = 20;

pub(super) static ZAP: Format = Format {
    name: "zap",
    about: "ZAP's traditional JSON report",
    tool: Some("zap"),
    sniff: |shape| {
        shape.has("site") && (shape.has("@version") || shape.has("@programName") || shape.has("@generated"))
    },
    read,
};

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    site: &'a RawValue,
}

#[derive(Deserialize)]
struct Site<'a> {
    #[serde(borrow, default, rename = "@name")]
    name: Words<'a>,
    #[serde(borrow, default)]
    alerts: Records<'a>,
}

#[derive(Deserialize)]
struct Alert<'a> {
    #[serde(borrow, default)]
    pluginid: Words<'a>,
    #[serde(borrow, default, rename = "alertRef")]
    reference_id: Words<'a>,
    #[serde(borrow, default)]
    alert: Words<'a>,
    #[serde(borrow, default)]
    name: Words<'a>,
    #[serde(borrow, default)]
    riskcode: Words<'a>,
    /// 0 is what somebody called a false positive.
    #[serde(borrow, default)]
    confidence: Words<'a>,
    #[serde(borrow, default)]
    desc: Words<'a>,
    #[serde(borrow, default)]
    instances: Few<Instance<'a>>,
    #[serde(borrow, default)]
    count: Words<'a>,
    #[serde(borrow, default)]
    solution: Words<'a>,
    #[serde(borrow, default)]
    reference: OneOrMore<'a>,
    #[serde(borrow, default)]
    cweid: Words<'a>,
}

#[derive(Deserialize)]
struct Instance<'a> {
    #[serde(borrow, default)]
    uri: Words<'a>,
    #[serde(borrow, default)]
    method: Words<'a>,
    #[serde(borrow, default)]
    param: Words<'a>,
    #[serde(borrow, default)]
    evidence: Words<'a>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let file: File = json::parse(text, text)?;
    // A single site can stand without its list.
    let raw = file.site.get();
    let sites =
        if raw.starts_with('{') { Records { kept: vec![raw], more: 0 } } else { json::parse(text, raw)? };
    for record in &sites.kept {
        let site: Site = json::parse(text, record)?;
        for alert in &site.alerts.kept {
            let own: Alert = json::parse(text, alert)?;
            if &*own.confidence == "0" {
                report.suppress();
            } else {
                report.push(finding(&site, &own), "");
            }
        }
        report.drop_unread(site.alerts.more);
    }
    report.drop_unread(sites.more);
    Ok(())
}

fn finding(site: &Site, own: &Alert) -> Finding {
    let severity = match &*own.riskcode {
        "3" => Some(Severity::High),
        "2" => Some(Severity::Medium),
        "1" => Some(Severity::Low),
        "0" => Some(Severity::Info),
        _ => None,
    };
    let first = own.instances.0.first().map_or("", |own| &own.uri);
    let links = own
        .reference
        .0
        .iter()
        .flat_map(|own| own.split(['<', '>', ' ', '\n']))
        .filter(|own| own.contains("://"));
    Finding {
        tool: "zap".to_owned(),
        rule: own.reference_id.or(&own.pluginid).to_owned(),
        cwe: own.cweid.number().into_iter().collect(),
        severity,
        title: unmarked(own.alert.or(&own.name)),
        // The site and not the first of its pages, which another scan may see in another order.
        location: Location::Url { url: site.name.or(first).to_owned() },
        evidence: evidence(own),
        advice: unmarked(&own.solution),
        references: links.map(str::to_owned).collect(),
        ..Finding::default()
    }
}

fn evidence(own: &Alert) -> String {
    let mut out = unmarked(&own.desc);
    for instance in own.instances.0.iter().take(INSTANCES_SHOWN_MAX) {
        let _ = write!(out, "\n{} {}", &*instance.method, &*instance.uri);
        if let Some(param) = instance.param.some() {
            let _ = write!(out, " parameter {param}");
        }
        if let Some(evidence) = instance.evidence.some() {
            let _ = write!(out, ": {evidence}");
        }
    }
    let shown = own.instances.0.len().min(INSTANCES_SHOWN_MAX) as u32;
    if let Some(more) = own.count.number().and_then(|count| count.checked_sub(shown)).filter(|more| *more > 0)
    {
        let _ = write!(out, "\nand {more} more");
    }
    out
}

/// ZAP's texts are marked up as paragraphs; what is left are words, not a page.
fn unmarked(text: &str) -> String {
    text.replace("<p>", "").replace("</p>", " ").trim().to_owned()
}
