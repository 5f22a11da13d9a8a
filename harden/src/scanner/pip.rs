//! `pip-audit -f json`, with its dependencies in an object (since 2.4) or alone in a list.

use super::fault::Fault;
use super::json::{self, Few, OneOrMore, Records, Words};
use super::{Format, Report};
use crate::finding::{Finding, Kind, Location};
use serde::Deserialize;

pub(super) static PIP: Format = Format {
    name: "pip-audit",
    about: "pip-audit -f json",
    tool: Some("pip-audit"),
    sniff: |shape| {
        let alone = shape.lists("name") && (shape.lists("vulns") || shape.lists("skip_reason"));
        alone || (shape.has("dependencies") && shape.has("fixes"))
    },
    read,
};

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    dependencies: Records<'a>,
}

#[derive(Deserialize)]
struct Dependency<'a> {
    #[serde(borrow)]
    name: Words<'a>,
    #[serde(borrow, default)]
    version: Words<'a>,
    #[serde(borrow, default)]
    vulns: Records<'a>,
}

#[derive(Deserialize)]
struct Hole<'a> {
    #[serde(borrow)]
    id: Words<'a>,
    #[serde(borrow, default)]
    fix_versions: Few<Words<'a>>,
    #[serde(borrow, default)]
    aliases: OneOrMore<'a>,
    #[serde(borrow, default)]
    description: Words<'a>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let dependencies = if text.trim_start().starts_with('[') {
        json::parse::<Records>(text, text)?
    } else {
        json::parse::<File>(text, text)?.dependencies
    };
    for record in &dependencies.kept {
        let own: Dependency = json::parse(text, record)?;
        for hole in &own.vulns.kept {
            let hole: Hole = json::parse(text, hole)?;
            report.push(finding(&own, &hole), "");
        }
        report.drop_unread(own.vulns.more);
    }
    report.drop_unread(dependencies.more);
    Ok(())
}

fn finding(own: &Dependency, hole: &Hole) -> Finding {
    let fixed: Vec<_> = hole.fix_versions.0.iter().map(|version| version.owned()).collect();
    let names = std::iter::once(&hole.id).chain(&hole.aliases.0);
    Finding {
        tool: "pip-audit".to_owned(),
        rule: hole.id.owned(),
        kind: Kind::VulnerablePackage,
        title: format!("{} {} has a known hole: {}", &*own.name, &*own.version, &*hole.id),
        location: Location::Package {
            name: own.name.owned(),
            ecosystem: Some("PyPI".to_owned()),
            version: own.version.some(),
            fixed: Some(fixed.join(", ")),
            path: None,
        },
        evidence: hole.description.owned(),
        references: names.map(|name| format!("https://osv.dev/vulnerability/{}", &**name)).collect(),
        ..Finding::default()
    }
}
