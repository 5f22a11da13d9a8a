//! One rule file: from YAML to groups, with what was refused.

use super::entries::{Entries, Refusal, duration, get, known_keys, line, list, map, required, text};
use super::yaml::{self, Located, Yaml};
use super::{Group, Rule, RuleError, RuleKind, Template, is_label_name, is_metric_name};
use crate::labels::NAME;
use crate::promql::Expr;
use std::collections::HashSet;

const FILE_KEYS: &[&str] = &["groups"];
const GROUP_KEYS: &[&str] = &["name", "interval", "rules", "limit", "query_offset", "labels"];
const RULE_KEYS: &[&str] = &["alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"];

/// Reads a file.
pub fn parse(name: &str, text: &str) -> (Vec<Group>, Vec<RuleError>) {
    let mut reader = Reader { file: name, group: String::new(), errors: Vec::new() };
    let groups = reader.file(text);
    (groups, reader.errors)
}

struct Reader<'a> {
    file: &'a str,
    group: String,
    errors: Vec<RuleError>,
}

impl Reader<'_> {
    fn refuse(&mut self, rule: &str, (line, reason): Refusal) {
        let (file, group, rule) = (self.file.to_owned(), self.group.clone(), rule.to_owned());
        self.errors.push(RuleError { file, line, group, rule, reason });
    }

    fn file(&mut self, text: &str) -> Vec<Group> {
        let listed = yaml::parse(text).and_then(|tree| groups_of(&tree));
        let listed = listed.unwrap_or_else(|refusal| {
            self.refuse("", refusal);
            Vec::new()
        });
        let mut names = HashSet::new();
        let mut groups = Vec::new();
        for group in &listed {
            self.group.clear();
            match self.group(group, &mut names) {
                Ok(group) => groups.push(group),
                Err(refusal) => self.refuse("", refusal),
            }
        }
        groups
    }

    fn group(&mut self, group: &Located, names: &mut HashSet<String>) -> Result<Group, Refusal> {
        let entries = map(group, "a group")?;
        let name = required(entries, "name", line(group), "a group")?;
        self.group.clone_from(&name);
        known_keys(entries, GROUP_KEYS, "a group")?;
        if !names.insert(name.clone()) {
            return Err((line(group), format!("the file has another group `{name}`: choose another name")));
        }
        let interval_ms = duration(entries, "interval")?;
        let query_offset_ms = duration(entries, "query_offset")?.unwrap_or(0);
        let limit = limit(entries)?;
        let shared = plain_labels(entries)?;
        let list = get(entries, "rules").map_or(Ok(&[][..]), |value| list(value, "`rules`"))?;
        let mut rules: Vec<Rule> = Vec::new();
        for rule in list {
            match parse_rule(rule, &shared) {
                Ok(read) => rules.push(read),
                Err(refusal) => self.refuse(&rule_name(rule), refusal),
            }
        }
        Ok(Group { name, file: self.file.to_owned(), interval_ms, limit, query_offset_ms, rules })
    }
}

fn groups_of(tree: &Located) -> Result<Vec<Located>, Refusal> {
    if tree.value == Yaml::Null {
        return Ok(Vec::new());
    }
    let entries = map(tree, "a rule file")?;
    known_keys(entries, FILE_KEYS, "a rule file")?;
    get(entries, "groups").map_or(Ok(Vec::new()), |value| list(value, "`groups`").map(<[Located]>::to_vec))
}

/// A number of results, or 0.
fn limit(entries: Entries<'_>) -> Result<usize, Refusal> {
    let Some(value) = get(entries, "limit") else { return Ok(0) };
    let number = text(value).ok().and_then(|text| text.parse::<i64>().ok());
    let number = number.ok_or_else(|| (line(value), "`limit` must be a whole number".to_owned()))?;
    Ok(usize::try_from(number).unwrap_or(0))
}

/// Labels without templates, of a group or of a recording rule.
fn plain_labels(entries: Entries<'_>) -> Result<Vec<(String, Template)>, Refusal> {
    texts(entries, "labels", |text| Ok(Template::plain(text)))
}

fn parse_rule(rule: &Located, shared: &[(String, Template)]) -> Result<Rule, Refusal> {
    let entries = map(rule, "a rule")?;
    known_keys(entries, RULE_KEYS, "a rule")?;
    let kind = kind(rule, entries)?;
    let key = if kind == RuleKind::Alert { "alert" } else { "record" };
    let name = required(entries, key, line(rule), "a rule")?;
    let written = required(entries, "expr", line(rule), "a rule")?;
    let at = get(entries, "expr").map_or(0, line);
    let expr = Expr::parse(&written).map_err(|error| (at, format!("expr: {error}")))?;
    if let Some(why) = expr.unfit_for_rule() {
        return Err((at, format!("expr: {why}")));
    }
    let mut labels = match kind {
        RuleKind::Alert => templates(entries, "labels")?,
        RuleKind::Record => plain_labels(entries)?,
    };
    let own: HashSet<String> = labels.iter().map(|(name, _)| name.clone()).collect();
    labels.extend(shared.iter().filter(|(name, _)| !own.contains(name)).cloned());
    Ok(Rule {
        kind,
        name,
        expr,
        for_ms: duration(entries, "for")?.unwrap_or(0),
        keep_firing_for_ms: duration(entries, "keep_firing_for")?.unwrap_or(0),
        labels,
        annotations: templates(entries, "annotations")?,
        line: line(rule),
        has_twin: false,
    })
}

/// A rule alerts or records, not both; what is for alerts has no meaning for a record.
fn kind(rule: &Located, entries: Entries<'_>) -> Result<RuleKind, Refusal> {
    let (alert, record) = (get(entries, "alert"), get(entries, "record"));
    let Some(record) = record else { return Ok(RuleKind::Alert) };
    if alert.is_some() {
        return Err((line(rule), "a rule has `alert` or `record`, not both".to_owned()));
    }
    let name = text(record).unwrap_or_default();
    if !name.is_empty() && !is_metric_name(&name) {
        let reason = format!("record: `{name}` is not a metric name: use letters, digits, _ and :");
        return Err((line(record), reason));
    }
    for key in ["for", "keep_firing_for"] {
        if duration(entries, key)?.is_some_and(|ms| ms > 0) {
            return Err((line(record), format!("`{key}` is for alerts, not for a recorded series")));
        }
    }
    if get(entries, "annotations")
        .is_some_and(|value| !matches!(&value.value, Yaml::Map(map) if map.is_empty()))
    {
        return Err((line(record), "`annotations` are for alerts, not for a recorded series".to_owned()));
    }
    Ok(RuleKind::Record)
}

fn rule_name(rule: &Located) -> String {
    let Yaml::Map(entries) = &rule.value else { return String::new() };
    let named = ["alert", "record"].into_iter().find_map(|key| get(entries, key));
    named.and_then(|value| text(value).ok()).unwrap_or_default()
}

fn templates(entries: Entries<'_>, key: &str) -> Result<Vec<(String, Template)>, Refusal> {
    texts(entries, key, |text| Template::parse(text).map_err(|error| error.to_string()))
}

/// The texts of a mapping by their names, which are names of labels.
fn texts(
    entries: Entries<'_>,
    key: &str,
    read: impl Fn(&str) -> Result<Template, String>,
) -> Result<Vec<(String, Template)>, Refusal> {
    let Some(value) = get(entries, key) else { return Ok(Vec::new()) };
    let mut templates = Vec::new();
    for (name, value) in map(value, &format!("`{key}`"))? {
        let at = name.referenced.line();
        if !is_label_name(&name.value) || (key == "labels" && name.value == NAME) {
            return Err((at, format!("`{}` is not a label name: use letters, digits and _", name.value)));
        }
        let written = text(value).map_err(|reason| (at, format!("`{}` {reason}", name.value)))?;
        let template = read(&written).map_err(|reason| (at, format!("{key}.{}: {reason}", name.value)))?;
        templates.push((name.value.clone(), template));
    }
    templates.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(templates)
}
