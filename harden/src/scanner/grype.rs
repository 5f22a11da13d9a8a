//! `grype -o json`.

use super::fault::Fault;
use super::json::{self, Few, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Kind, Location, Severity, cwe};
use serde::Deserialize;

pub(super) static GRYPE: Format = Format {
    name: "grype",
    about: "grype -o json",
    tool: Some("grype"),
    sniff: |shape| {
        shape.has("matches") && (shape.has("descriptor") || shape.has("source") || shape.has("distro"))
    },
    read,
};

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    matches: Records<'a>,
    #[serde(borrow, default, rename = "ignoredMatches")]
    ignored: Records<'a>,
}

#[derive(Deserialize)]
struct Match<'a> {
    #[serde(borrow)]
    vulnerability: Hole<'a>,
    #[serde(borrow)]
    artifact: Package<'a>,
    #[serde(borrow, default, rename = "relatedVulnerabilities")]
    related: Few<Hole<'a>>,
}

#[derive(Deserialize)]
struct Hole<'a> {
    #[serde(borrow)]
    id: Words<'a>,
    #[serde(borrow, default, rename = "dataSource")]
    source: Words<'a>,
    #[serde(borrow, default)]
    severity: Words<'a>,
    #[serde(borrow, default)]
    description: Words<'a>,
    #[serde(borrow, default)]
    urls: Few<Words<'a>>,
    #[serde(borrow, default)]
    cwes: Few<Weakness<'a>>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    fix: Fix<'a>,
}

#[derive(Default, Deserialize)]
struct Weakness<'a> {
    #[serde(borrow, default)]
    cwe: Words<'a>,
}

#[derive(Default, Deserialize)]
struct Fix<'a> {
    #[serde(borrow, default)]
    versions: Few<Words<'a>>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    name: Words<'a>,
    #[serde(borrow, default)]
    version: Words<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Words<'a>,
    #[serde(borrow, default)]
    locations: Few<Place<'a>>,
}

#[derive(Default, Deserialize)]
struct Place<'a> {
    #[serde(borrow, default)]
    path: Words<'a>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let file: File = json::parse(text, text)?;
    for record in &file.matches.kept {
        report.push(finding(&json::parse(text, record)?), "");
    }
    report.drop_unread(file.matches.more);
    (0..file.ignored.kept.len() + file.ignored.more).for_each(|_| report.suppress());
    Ok(())
}

/// A distribution's own entry says little more than its severity; the related one has the rest.
fn finding(own: &Match) -> Finding {
    let (hole, package) = (&own.vulnerability, &own.artifact);
    let related = own.related.0.first().map_or("", |related| &related.description);
    let weaknesses = own.related.0.iter().chain([hole]).flat_map(|hole| &hole.cwes.0);
    let fixed: Vec<_> = hole.fix.versions.0.iter().map(|version| version.owned()).collect();
    Finding {
        tool: "grype".to_owned(),
        rule: hole.id.owned(),
        kind: Kind::VulnerablePackage,
        cwe: weaknesses.filter_map(|own| cwe(&own.cwe)).collect(),
        severity: Severity::from_word(&hole.severity),
        title: format!("{} {} has a known hole: {}", &*package.name, &*package.version, &*hole.id),
        location: Location::Package {
            name: package.name.owned(),
            ecosystem: package.kind.some(),
            version: package.version.some(),
            fixed: Some(fixed.join(", ")),
            path: package.locations.0.first().and_then(|place| place.path.some()),
        },
        evidence: hole.description.or(related).to_owned(),
        references: std::iter::once(&hole.source).chain(&hole.urls.0).filter_map(Words::some).collect(),
        ..Finding::default()
    }
}
