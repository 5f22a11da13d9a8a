//! One result of a SARIF run as a finding.

use super::super::Report;
use super::super::fault::Fault;
use super::super::json::{self, Few, Words};
use super::address;
use super::run::{Address, Message, Properties, Reference, Rule, Run, Taxon};
use crate::finding::{Finding, Location, Severity, cwe};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    #[serde(borrow, default)]
    rule_id: Words<'a>,
    rule_index: Option<i64>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    rule: RuleReference<'a>,
    #[serde(borrow, default)]
    kind: Words<'a>,
    #[serde(borrow, default)]
    level: Words<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    message: Message<'a>,
    #[serde(borrow, default)]
    locations: Few<Place<'a>>,
    #[serde(borrow, default)]
    suppressions: Few<Suppression<'a>>,
    #[serde(borrow, default)]
    baseline_state: Words<'a>,
    #[serde(borrow, default)]
    taxa: Few<Taxon<'a>>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    properties: Properties<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleReference<'a> {
    #[serde(borrow, default)]
    id: Words<'a>,
    index: Option<i64>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    tool_component: Reference<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    #[serde(borrow, default, deserialize_with = "json::given")]
    physical_location: Physical<'a>,
    #[serde(borrow, default)]
    logical_locations: Few<Logical<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    #[serde(borrow, default, deserialize_with = "json::given")]
    artifact_location: Address<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    region: Region<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    context_region: Region<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region<'a> {
    #[serde(borrow, default)]
    start_line: Words<'a>,
    #[serde(borrow, default)]
    start_column: Words<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    snippet: Message<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Logical<'a> {
    #[serde(borrow, default)]
    fully_qualified_name: Words<'a>,
    #[serde(borrow, default)]
    name: Words<'a>,
}

#[derive(Deserialize)]
struct Suppression<'a> {
    #[serde(borrow, default)]
    status: Words<'a>,
}

/// Takes in one result.
pub(super) fn add(text: &str, run: &Run, record: &str, report: &mut Report) -> Result<(), Fault> {
    let own: Outcome = json::parse(text, record)?;
    if !matches!(&*own.kind, "" | "fail" | "open" | "review")
        || &*own.baseline_state == "absent"
        || own.is_suppressed()
    {
        report.suppress();
        return Ok(());
    }
    let snippet = own.place().map_or("", |place| &place.region.snippet.text);
    let anchor = snippet.lines().find(|line| !line.trim().is_empty()).unwrap_or("").to_owned();
    report.push(own.finding(run), &anchor);
    Ok(())
}

impl<'a> Outcome<'a> {
    /// As the standard has it: accepted, and nobody has doubts.
    fn is_suppressed(&self) -> bool {
        let accepted = |own: &Suppression| matches!(&*own.status, "" | "accepted");
        !self.suppressions.0.is_empty() && self.suppressions.0.iter().all(accepted)
    }

    fn place(&self) -> Option<&Physical<'a>> {
        self.locations.0.first().map(|place| &place.physical_location)
    }

    fn finding(&self, run: &Run) -> Finding {
        let id = self.rule_id.or(&self.rule.id);
        let index = self.rule_index.or(self.rule.index);
        let none = Rule::default();
        let rule = run.rule(id, index, self.rule.tool_component.index).unwrap_or(&none);
        let id = if id.is_empty() { rule.id.or("without a rule") } else { id };
        let evidence =
            self.place().map_or("", |own| own.context_region.snippet.text.or(&own.region.snippet.text));
        Finding {
            tool: run.tool.clone(),
            rule: id.to_owned(),
            cwe: self.weaknesses(rule),
            severity: self.severity(rule),
            title: self.title(run, rule),
            location: self.location(run),
            evidence: evidence.to_owned(),
            advice: rule.help.text.or(&rule.full_description.text).to_owned(),
            references: rule.help_uri.some().into_iter().collect(),
            ..Finding::default()
        }
    }

    /// From each place that tools are known to use.
    fn weaknesses(&self, rule: &Rule) -> Vec<u32> {
        let bags = [&self.properties, &rule.properties];
        let words =
            bags.into_iter().flat_map(|bag| bag.cwe.0.iter().chain(&bag.tags.0)).filter_map(|own| cwe(own));
        let taxa = self.taxa.0.iter().chain(rule.relationships.0.iter().map(|own| &own.target));
        let taxa = taxa.filter_map(|own| match cwe(&own.id) {
            None if own.component.name.eq_ignore_ascii_case("cwe") => own.id.trim().parse().ok(),
            found => found,
        });
        words.chain(taxa).collect()
    }

    /// A score says more than a word of the tool's own, and that one more than the level.
    fn severity(&self, rule: &Rule) -> Option<Severity> {
        let scores = [&self.properties.security_severity, &rule.properties.security_severity];
        let scored = scores.iter().find_map(|own| own.trim().parse().ok().and_then(Severity::from_score));
        let said = || Severity::from_word(&self.properties.issue_severity);
        let level = self.level.or(rule.default_configuration.level.or("warning"));
        scored.or_else(said).or_else(|| Severity::from_word(level))
    }

    fn title(&self, run: &Run, rule: &Rule) -> String {
        let own = &self.message;
        let kept = rule.message_strings.0.get(&*own.id).or_else(|| run.message(&own.id));
        let kept = kept.map_or("", |kept| kept.text.or(&kept.markdown));
        let text = own.text.or(own.markdown.or(kept));
        let text = filled(text, &own.arguments.0);
        if !text.trim().is_empty() {
            return text;
        }
        rule.short_description.text.or(&rule.name).to_owned()
    }

    fn location(&self, run: &Run) -> Location {
        let place = self.place();
        let path = place.map_or(String::new(), |own| address::resolve(run, &own.artifact_location));
        if path.starts_with("http://") || path.starts_with("https://") {
            return Location::Url { url: path };
        }
        if let (Some(own), false) = (place, path.is_empty()) {
            return Location::File {
                path,
                line: own.region.start_line.number(),
                column: own.region.start_column.number(),
            };
        }
        let logical = self.locations.0.first().and_then(|own| own.logical_locations.0.first());
        let name = logical.map_or(String::new(), |own| own.fully_qualified_name.or(&own.name).to_owned());
        Location::Setting { name }
    }
}

/// Arguments of a message that are filled in; the others stay as they are numbered.
const ARGUMENTS_MAX: usize = 8;

/// `{0}` and so on become the arguments; a text grows by no more than they are long, each once.
fn filled(text: &str, arguments: &[Words]) -> String {
    arguments
        .iter()
        .enumerate()
        .take(ARGUMENTS_MAX)
        .fold(text.to_owned(), |text, (index, own)| text.replacen(&format!("{{{index}}}"), own, 1))
}
