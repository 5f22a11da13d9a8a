//! `trivy --format json`: vulnerabilities, misconfigurations, secrets and licences of images, file systems, repositories and
//! clusters.

use super::fault::Fault;
use super::json::{self, Few, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Kind, Location, Severity, cwe};
use serde::Deserialize;

pub(super) static TRIVY: Format = Format {
    name: "trivy",
    about: "trivy --format json",
    tool: Some("trivy"),
    sniff: |shape| {
        let recent = shape.has("SchemaVersion") && (shape.has("Results") || shape.has("ArtifactName"));
        recent || shape.has("ClusterName") || shape.lists("Target")
    },
    read,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File<'a> {
    #[serde(borrow, default)]
    results: Records<'a>,
    /// Of a cluster, which older versions list by what was looked for.
    #[serde(borrow, default)]
    resources: Records<'a>,
    #[serde(borrow, default)]
    vulnerabilities: Records<'a>,
    #[serde(borrow, default)]
    misconfigurations: Records<'a>,
}

/// A resource of a cluster.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource<'a> {
    #[serde(borrow, default)]
    results: Records<'a>,
}

/// What was found in one target.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target<'a> {
    #[serde(borrow, default)]
    target: Words<'a>,
    #[serde(borrow, default, rename = "Type")]
    kind: Words<'a>,
    #[serde(borrow, default)]
    vulnerabilities: Records<'a>,
    #[serde(borrow, default)]
    misconfigurations: Records<'a>,
    #[serde(borrow, default)]
    secrets: Records<'a>,
    #[serde(borrow, default)]
    licenses: Records<'a>,
}

/// All that the four kinds of records have.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, default, rename = "VulnerabilityID")]
    vulnerability: Words<'a>,
    #[serde(borrow, default, rename = "ID")]
    id: Words<'a>,
    #[serde(borrow, default, rename = "RuleID")]
    rule: Words<'a>,
    #[serde(borrow, default, rename = "PkgName")]
    package: Words<'a>,
    #[serde(borrow, default, rename = "PkgPath")]
    path: Words<'a>,
    #[serde(borrow, default, rename = "FilePath")]
    file: Words<'a>,
    #[serde(borrow, default, rename = "Name")]
    name: Words<'a>,
    #[serde(borrow, default, rename = "InstalledVersion")]
    installed: Words<'a>,
    #[serde(borrow, default, rename = "FixedVersion")]
    fixed: Words<'a>,
    #[serde(borrow, default, rename = "Status")]
    status: Words<'a>,
    #[serde(borrow, default, rename = "Severity")]
    severity: Words<'a>,
    #[serde(borrow, default, rename = "Title")]
    title: Words<'a>,
    #[serde(borrow, default, rename = "Description")]
    description: Words<'a>,
    #[serde(borrow, default, rename = "Message")]
    message: Words<'a>,
    #[serde(borrow, default, rename = "Resolution")]
    resolution: Words<'a>,
    #[serde(borrow, default, rename = "Match")]
    matched: Words<'a>,
    #[serde(borrow, default, rename = "StartLine")]
    line: Words<'a>,
    #[serde(borrow, default, deserialize_with = "json::given", rename = "CauseMetadata")]
    cause: Cause<'a>,
    #[serde(borrow, default, rename = "CweIDs")]
    cwe: Few<Words<'a>>,
    #[serde(borrow, default, rename = "PrimaryURL")]
    url: Words<'a>,
    #[serde(borrow, default, rename = "References")]
    references: Few<Words<'a>>,
}

#[derive(Default, Deserialize)]
struct Cause<'a> {
    #[serde(borrow, default, rename = "StartLine")]
    line: Words<'a>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    if text.trim_start().starts_with('[') {
        return targets(text, &json::parse(text, text)?, report);
    }
    let file: File = json::parse(text, text)?;
    targets(text, &file.results, report)?;
    for resources in [&file.resources, &file.vulnerabilities, &file.misconfigurations] {
        for record in &resources.kept {
            targets(text, &json::parse::<Resource>(text, record)?.results, report)?;
        }
        report.drop_unread(resources.more);
    }
    Ok(())
}

fn targets(text: &str, targets: &Records, report: &mut Report) -> Result<(), Fault> {
    for target in &targets.kept {
        let own: Target = json::parse(text, target)?;
        let target = &*own.target;
        each(text, &own.vulnerabilities, report, |record| Some(vulnerability(&own, record)))?;
        each(text, &own.misconfigurations, report, |record| misconfiguration(target, record))?;
        each(text, &own.secrets, report, |record| Some(secret(target, record)))?;
        each(text, &own.licenses, report, |record| Some(licence(target, record)))?;
    }
    report.drop_unread(targets.more);
    Ok(())
}

fn each(
    text: &str,
    records: &Records,
    report: &mut Report,
    finding: impl Fn(&Record) -> Option<Finding>,
) -> Result<(), Fault> {
    for record in &records.kept {
        match finding(&json::parse(text, record)?) {
            Some(finding) => report.push(finding, ""),
            None => report.suppress(),
        }
    }
    report.drop_unread(records.more);
    Ok(())
}

/// What all four have in common.
fn common(record: &Record, rule: &str) -> Finding {
    let urls = std::iter::once(&record.url).chain(&record.references.0);
    Finding {
        tool: "trivy".to_owned(),
        rule: rule.to_owned(),
        cwe: record.cwe.0.iter().filter_map(|own| cwe(own)).collect(),
        severity: Severity::from_word(&record.severity),
        references: urls.filter_map(Words::some).collect(),
        ..Finding::default()
    }
}

fn vulnerability(target: &Target, own: &Record) -> Finding {
    Finding {
        kind: Kind::VulnerablePackage,
        title: format!("{}: {}", &*own.package, own.title.or(&own.vulnerability)),
        location: Location::Package {
            name: own.package.owned(),
            ecosystem: target.kind.some(),
            version: own.installed.some(),
            fixed: own.fixed.some(),
            path: Some(own.path.or(&target.target).to_owned()),
        },
        evidence: own.description.owned(),
        ..common(own, &own.vulnerability)
    }
}

/// With `--include-non-failures` trivy writes down what passed, too.
fn misconfiguration(target: &str, own: &Record) -> Option<Finding> {
    if !matches!(&*own.status, "" | "FAIL") {
        return None;
    }
    Some(Finding {
        title: own.title.owned(),
        location: Location::File { path: target.to_owned(), line: own.cause.line.number(), column: None },
        evidence: own.message.or(&own.description).to_owned(),
        advice: own.resolution.owned(),
        ..common(own, &own.id)
    })
}

fn secret(target: &str, own: &Record) -> Finding {
    Finding {
        kind: Kind::HardcodedSecret,
        title: own.title.or("a secret in a file").to_owned(),
        location: Location::File { path: target.to_owned(), line: own.line.number(), column: None },
        evidence: own.matched.owned(),
        ..common(own, &own.rule)
    }
}

fn licence(target: &str, own: &Record) -> Finding {
    let subject = own.package.or(own.file.or(target));
    Finding {
        title: format!("{subject} is under {}", &*own.name),
        location: Location::Package {
            name: subject.to_owned(),
            ecosystem: None,
            version: None,
            fixed: None,
            path: Some(own.file.or(target).to_owned()),
        },
        ..common(own, &own.name)
    }
}
