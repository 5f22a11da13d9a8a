//! `npm audit --json`: reports of version 2 (npm 7 and later) have an entry for each package, those of version 1 (npm 6,
//! pnpm) one for each advisory and where it applies.

use super::fault::Fault;
use super::json::{self, Few, OneOrMore, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Kind, Location, Severity, cwe};
use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) static NPM: Format = Format {
    name: "npm-audit",
    about: "npm audit --json, pnpm audit --json",
    tool: Some("npm audit"),
    sniff: |shape| shape.has("auditReportVersion") || shape.has("advisories"),
    read,
};

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, default)]
    vulnerabilities: Records<'a>,
    #[serde(borrow, default)]
    advisories: Records<'a>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    name: Words<'a>,
    #[serde(borrow, default)]
    severity: Words<'a>,
    #[serde(borrow, default)]
    via: Few<&'a RawValue>,
    #[serde(borrow, default)]
    range: Words<'a>,
    #[serde(borrow, default)]
    nodes: Few<Words<'a>>,
    #[serde(borrow, default, rename = "fixAvailable")]
    fix: Option<&'a RawValue>,
}

/// A hole in the package itself; a package that is only the way to one is named by a text.
#[derive(Default, Deserialize)]
struct Hole<'a> {
    #[serde(borrow, default)]
    title: Words<'a>,
    #[serde(borrow, default)]
    url: Words<'a>,
    #[serde(borrow, default)]
    cwe: OneOrMore<'a>,
}

#[derive(Deserialize)]
struct Update<'a> {
    #[serde(borrow)]
    name: Words<'a>,
    #[serde(borrow)]
    version: Words<'a>,
}

#[derive(Deserialize)]
struct Advisory<'a> {
    #[serde(borrow)]
    id: Words<'a>,
    #[serde(borrow, default)]
    findings: Records<'a>,
    #[serde(borrow)]
    module_name: Words<'a>,
    #[serde(borrow, default)]
    severity: Words<'a>,
    #[serde(borrow, default)]
    title: Words<'a>,
    #[serde(borrow, default)]
    url: Words<'a>,
    #[serde(borrow, default)]
    cwe: OneOrMore<'a>,
    #[serde(borrow, default)]
    patched_versions: Words<'a>,
    #[serde(borrow, default)]
    recommendation: Words<'a>,
    #[serde(borrow, default)]
    overview: Words<'a>,
}

#[derive(Default, Deserialize)]
struct Place<'a> {
    #[serde(borrow, default)]
    version: Words<'a>,
    #[serde(borrow, default)]
    paths: Records<'a>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let file: File = json::parse(text, text)?;
    for record in &file.vulnerabilities.kept {
        let own: Package = json::parse(text, record)?;
        report.push(package(&own), "");
    }
    for record in &file.advisories.kept {
        advisory(text, record, report)?;
    }
    report.drop_unread(file.vulnerabilities.more + file.advisories.more);
    Ok(())
}

fn package(own: &Package) -> Finding {
    let mut holes = Vec::new();
    let mut through = Vec::new();
    for via in &own.via.0 {
        match serde_json::from_str::<Hole>(via.get()) {
            Ok(hole) => holes.push(hole),
            Err(_) => through.extend(serde_json::from_str::<String>(via.get())),
        }
    }
    let title = match holes.first() {
        Some(hole) => hole.title.or("a known hole").to_owned(),
        None => format!("uses {}, which has a known hole", through.join(", ")),
    };
    let titles = holes.iter().map(|hole| format!("{} {}", &*hole.title, &*hole.url));
    let through = through.iter().map(|name| format!("through {name}"));
    Finding {
        tool: "npm audit".to_owned(),
        rule: own.name.owned(),
        kind: Kind::VulnerablePackage,
        cwe: holes.iter().flat_map(|hole| &hole.cwe.0).filter_map(|own| cwe(own)).collect(),
        severity: Severity::from_word(&own.severity),
        title: format!("{}: {title}", &*own.name),
        location: Location::Package {
            name: own.name.owned(),
            ecosystem: Some("npm".to_owned()),
            version: own.range.some(),
            fixed: own.fix.and_then(fixed),
            path: own.nodes.0.first().and_then(Words::some),
        },
        evidence: titles.chain(through).collect::<Vec<_>>().join("\n"),
        references: holes.iter().filter_map(|hole| hole.url.some()).collect(),
        ..Finding::default()
    }
}

/// `false`, `true`, or which package has to become which version.
fn fixed(raw: &RawValue) -> Option<String> {
    match raw.get() {
        "false" => None,
        "true" => Some("an update within the declared ranges".to_owned()),
        other => {
            let update: Update = serde_json::from_str(other).ok()?;
            Some(format!("{} {}", &*update.name, &*update.version))
        }
    }
}

/// npm counts an advisory once for each path that leads to it.
fn advisory(text: &str, record: &str, report: &mut Report) -> Result<(), Fault> {
    let own: Advisory = json::parse(text, record)?;
    if own.findings.kept.is_empty() {
        report.push(advised(&own, "", ""), "");
    }
    for place in &own.findings.kept {
        let place: Place = json::parse(text, place)?;
        if place.paths.kept.is_empty() {
            report.push(advised(&own, &place.version, ""), "");
        }
        for path in &place.paths.kept {
            let path: Words = json::parse(text, path)?;
            report.push(advised(&own, &place.version, &path), "");
        }
        report.drop_unread(place.paths.more);
    }
    report.drop_unread(own.findings.more);
    Ok(())
}

fn advised(own: &Advisory, version: &str, path: &str) -> Finding {
    Finding {
        tool: "npm audit".to_owned(),
        rule: own.id.owned(),
        kind: Kind::VulnerablePackage,
        cwe: own.cwe.0.iter().filter_map(|own| cwe(own)).collect(),
        severity: Severity::from_word(&own.severity),
        title: format!("{}: {}", &*own.module_name, &*own.title),
        location: Location::Package {
            name: own.module_name.owned(),
            ecosystem: Some("npm".to_owned()),
            version: Some(version.to_owned()),
            fixed: own.patched_versions.some(),
            path: Some(path.to_owned()),
        },
        evidence: own.overview.owned(),
        advice: own.recommendation.owned(),
        references: own.url.some().into_iter().collect(),
        ..Finding::default()
    }
}
