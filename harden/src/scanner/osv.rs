//! `osv-scanner --format json`. Entries of several databases for one hole are a group, and count as one.

use super::fault::Fault;
use super::json::{self, Few, OneOrMore, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Kind, Location, Severity, cwe};
use serde::Deserialize;

pub(super) static OSV: Format = Format {
    name: "osv",
    about: "osv-scanner --format json",
    tool: Some("osv-scanner"),
    sniff: |shape| shape.has("results") && !["errors", "paths", "metrics"].iter().any(|key| shape.has(key)),
    read,
};

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    results: Records<'a>,
}

#[derive(Deserialize)]
struct Source<'a> {
    #[serde(borrow, default, alias = "packageSource")]
    source: Place<'a>,
    #[serde(borrow, default)]
    packages: Records<'a>,
}

#[derive(Default, Deserialize)]
struct Place<'a> {
    #[serde(borrow, default)]
    path: Words<'a>,
}

#[derive(Deserialize)]
struct Affected<'a> {
    #[serde(borrow)]
    package: Package<'a>,
    #[serde(borrow, default)]
    vulnerabilities: Records<'a>,
    #[serde(borrow, default)]
    groups: Records<'a>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    name: Words<'a>,
    #[serde(borrow, default)]
    ecosystem: Words<'a>,
    #[serde(borrow, default)]
    version: Words<'a>,
}

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    ids: OneOrMore<'a>,
    #[serde(borrow, default)]
    max_severity: Words<'a>,
}

#[derive(Deserialize)]
struct Hole<'a> {
    #[serde(borrow)]
    id: Words<'a>,
    #[serde(borrow, default)]
    summary: Words<'a>,
    #[serde(borrow, default)]
    details: Words<'a>,
    #[serde(borrow, default)]
    references: Few<Reference<'a>>,
    #[serde(borrow, default)]
    affected: Few<Ranges<'a>>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    database_specific: Specific<'a>,
}

#[derive(Default, Deserialize)]
struct Reference<'a> {
    #[serde(borrow, default)]
    url: Words<'a>,
}

#[derive(Default, Deserialize)]
struct Ranges<'a> {
    #[serde(borrow, default)]
    package: Option<Package<'a>>,
    #[serde(borrow, default)]
    ranges: Few<Range<'a>>,
}

#[derive(Default, Deserialize)]
struct Range<'a> {
    #[serde(borrow, default)]
    events: Few<Change<'a>>,
}

#[derive(Default, Deserialize)]
struct Change<'a> {
    #[serde(borrow, default)]
    fixed: Words<'a>,
}

#[derive(Default, Deserialize)]
struct Specific<'a> {
    #[serde(borrow, default)]
    severity: Words<'a>,
    #[serde(borrow, default)]
    cwe_ids: Few<Words<'a>>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let file: File = json::parse(text, text)?;
    for record in &file.results.kept {
        let source: Source = json::parse(text, record)?;
        for package in &source.packages.kept {
            affected(text, &source.source.path, package, report)?;
        }
        report.drop_unread(source.packages.more);
    }
    report.drop_unread(file.results.more);
    Ok(())
}

fn affected(text: &str, path: &str, record: &str, report: &mut Report) -> Result<(), Fault> {
    let own: Affected = json::parse(text, record)?;
    let mut groups: Vec<(Group, Option<Hole>)> = Vec::new();
    let mut group_of = std::collections::HashMap::new();
    for record in &own.groups.kept {
        let group: Group = json::parse(text, record)?;
        group_of.extend(group.ids.0.iter().map(|id| (id.owned(), groups.len())));
        groups.push((group, None));
    }
    for record in &own.vulnerabilities.kept {
        let hole: Hole = json::parse(text, record)?;
        match group_of.get(&*hole.id).and_then(|index| groups.get_mut(*index)) {
            Some((_, first)) => {
                first.get_or_insert(hole);
            }
            None => report.push(finding(path, &own.package, &hole, None), ""),
        }
    }
    for (group, hole) in &groups {
        if let Some(hole) = hole {
            report.push(finding(path, &own.package, hole, Some(group)), "");
        }
    }
    report.drop_unread(own.vulnerabilities.more);
    Ok(())
}

fn finding(path: &str, package: &Package, hole: &Hole, group: Option<&Group>) -> Finding {
    let score = group.and_then(|group| group.max_severity.trim().parse().ok()).and_then(Severity::from_score);
    let about = |own: &&Ranges| own.package.as_ref().is_some_and(|own| *own.name == *package.name);
    let events =
        hole.affected.0.iter().filter(about).flat_map(|own| &own.ranges.0).flat_map(|own| &own.events.0);
    let fixed: Vec<_> = events.filter_map(|own| own.fixed.some()).collect();
    let others =
        group.into_iter().flat_map(|group| &group.ids.0).map(|id| format!("https://osv.dev/{}", &**id));
    Finding {
        tool: "osv-scanner".to_owned(),
        rule: hole.id.owned(),
        kind: Kind::VulnerablePackage,
        cwe: hole.database_specific.cwe_ids.0.iter().filter_map(|own| cwe(own)).collect(),
        severity: score.or_else(|| Severity::from_word(&hole.database_specific.severity)),
        title: format!("{}: {}", &*package.name, hole.summary.or(&hole.id)),
        location: Location::Package {
            name: package.name.owned(),
            ecosystem: package.ecosystem.some(),
            version: package.version.some(),
            fixed: Some(fixed.join(", ")),
            path: Some(path.to_owned()),
        },
        evidence: hole.details.owned(),
        references: others.chain(hole.references.0.iter().filter_map(|own| own.url.some())).collect(),
        ..Finding::default()
    }
}
