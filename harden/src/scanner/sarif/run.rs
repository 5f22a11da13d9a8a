//! What a run declares for its results: the tool, its rules, the files, and where relative addresses start.

use super::super::fault::Fault;
use super::super::json::{self, Few, Map, OneOrMore, Records, Words};
use serde::Deserialize;
use std::collections::HashMap;

/// A run with its rules at hand.
pub(super) struct Run<'a> {
    pub tool: String,
    pub results: Records<'a>,
    pub bases: Map<Address<'a>>,
    files: Vec<Artifact<'a>>,
    /// The driver's rules, then those of each extension.
    rules: Vec<Vec<Rule<'a>>>,
    messages: Map<Message<'a>>,
    by_id: HashMap<String, (usize, usize)>,
}

#[derive(Deserialize)]
struct RawRun<'a> {
    #[serde(borrow)]
    tool: Tool<'a>,
    #[serde(borrow, default)]
    results: Records<'a>,
    #[serde(borrow, default)]
    artifacts: Records<'a>,
    #[serde(borrow, default, rename = "originalUriBaseIds")]
    bases: Map<Address<'a>>,
    #[serde(borrow, default, rename = "externalPropertyFileReferences", deserialize_with = "json::given")]
    elsewhere: Elsewhere<'a>,
}

/// Parts of a run that lie in files beside it.
#[derive(Default, Deserialize)]
struct Elsewhere<'a> {
    #[serde(borrow, default)]
    results: Records<'a>,
}

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(borrow)]
    driver: Component<'a>,
    #[serde(borrow, default)]
    extensions: Few<Component<'a>>,
}

#[derive(Deserialize)]
struct Component<'a> {
    #[serde(borrow, default)]
    name: Words<'a>,
    #[serde(borrow, default)]
    rules: Records<'a>,
    #[serde(borrow, default, rename = "globalMessageStrings")]
    messages: Map<Message<'a>>,
}

/// A rule.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    #[serde(borrow, default)]
    pub id: Words<'a>,
    #[serde(borrow, default)]
    pub name: Words<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    pub short_description: Message<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    pub full_description: Message<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    pub help: Message<'a>,
    #[serde(borrow, default)]
    pub help_uri: Words<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    pub default_configuration: Configuration<'a>,
    #[serde(borrow, default, deserialize_with = "json::given")]
    pub properties: Properties<'a>,
    #[serde(borrow, default)]
    pub relationships: Few<Relationship<'a>>,
    #[serde(borrow, default)]
    pub message_strings: Map<Message<'a>>,
}

#[derive(Default, Deserialize)]
pub(super) struct Configuration<'a> {
    #[serde(borrow, default)]
    pub level: Words<'a>,
}

/// What tools put into their property bags about weaknesses and severity.
#[derive(Default, Deserialize)]
pub(super) struct Properties<'a> {
    #[serde(borrow, default)]
    pub tags: OneOrMore<'a>,
    #[serde(borrow, default)]
    pub cwe: OneOrMore<'a>,
    #[serde(borrow, default, rename = "security-severity")]
    pub security_severity: Words<'a>,
    #[serde(borrow, default)]
    pub issue_severity: Words<'a>,
}

#[derive(Default, Deserialize)]
pub(super) struct Relationship<'a> {
    #[serde(borrow, default, deserialize_with = "json::given")]
    pub target: Taxon<'a>,
}

/// A reference to an entry of a taxonomy, such as the list of weaknesses.
#[derive(Default, Deserialize)]
pub(super) struct Taxon<'a> {
    #[serde(borrow, default)]
    pub id: Words<'a>,
    #[serde(borrow, default, deserialize_with = "json::given", rename = "toolComponent")]
    pub component: Reference<'a>,
}

#[derive(Default, Deserialize)]
pub(super) struct Reference<'a> {
    #[serde(borrow, default)]
    pub name: Words<'a>,
    pub index: Option<i64>,
}

#[derive(Default, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow, default)]
    pub text: Words<'a>,
    #[serde(borrow, default)]
    pub markdown: Words<'a>,
    #[serde(borrow, default)]
    pub id: Words<'a>,
    #[serde(borrow, default)]
    pub arguments: Few<Words<'a>>,
}

/// Where a file is, perhaps relative to a named place.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address<'a> {
    #[serde(borrow, default)]
    pub uri: Words<'a>,
    #[serde(borrow, default)]
    pub uri_base_id: Words<'a>,
    pub index: Option<i64>,
}

/// A file that the run knows; one inside another names its parent.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Artifact<'a> {
    #[serde(borrow, default, deserialize_with = "json::given")]
    pub location: Address<'a>,
    pub parent_index: Option<i64>,
}

impl<'a> Run<'a> {
    pub fn parse(text: &str, part: &'a str) -> Result<Run<'a>, Fault> {
        let raw: RawRun = json::parse(text, part)?;
        if let Some(other) = raw.elsewhere.results.kept.first() {
            let start = other.as_ptr() as usize - text.as_ptr() as usize;
            return Err(Fault::at(start, "its results lie in another file; have the tool write one file"));
        }
        let mut run = Run {
            tool: raw.tool.driver.name.or("an unnamed tool").to_owned(),
            results: raw.results,
            bases: raw.bases,
            files: raw.artifacts.kept.iter().map(|own| json::parse(text, own)).collect::<Result<_, _>>()?,
            rules: Vec::new(),
            messages: raw.tool.driver.messages,
            by_id: HashMap::new(),
        };
        run.take_rules(text, &raw.tool.driver.rules)?;
        raw.tool.extensions.0.iter().try_for_each(|own| run.take_rules(text, &own.rules))?;
        Ok(run)
    }

    fn take_rules(&mut self, text: &str, records: &Records<'a>) -> Result<(), Fault> {
        let component = self.rules.len();
        let rules: Vec<Rule> =
            records.kept.iter().map(|own| json::parse(text, own)).collect::<Result<_, _>>()?;
        for (index, rule) in rules.iter().enumerate() {
            self.by_id.entry(rule.id.owned()).or_insert((component, index));
        }
        self.rules.push(rules);
        Ok(())
    }

    /// The rule at an index of the driver (no component) or an extension, else the one of that id; a result may name
    /// a part of a rule as `rule/part`.
    pub fn rule(&self, id: &str, index: Option<i64>, component: Option<i64>) -> Option<&Rule<'a>> {
        let component = component.and_then(|own| usize::try_from(own + 1).ok()).unwrap_or(0);
        let by_index = index.and_then(|own| self.rules.get(component)?.get(usize::try_from(own).ok()?));
        if let Some(rule) = by_index.filter(|own| id.is_empty() || fits(id, &own.id)) {
            return Some(rule);
        }
        let whole = id.split_once('/').map_or(id, |(whole, _)| whole);
        let (component, index) = self.by_id.get(id).or_else(|| self.by_id.get(whole))?;
        self.rules.get(*component)?.get(*index)
    }

    /// A message that the driver keeps for all its rules.
    pub fn message(&self, id: &str) -> Option<&Message<'a>> {
        self.messages.0.get(id)
    }

    /// The file of that number.
    pub fn file(&self, index: i64) -> Option<&Artifact<'a>> {
        self.files.get(usize::try_from(index).ok()?)
    }
}

/// True when a result's rule id is the rule's or a part below it.
fn fits(id: &str, rule: &str) -> bool {
    id == rule || id.strip_prefix(rule).is_some_and(|rest| rest.starts_with('/'))
}
