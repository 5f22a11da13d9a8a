//! One rule file: from YAML to groups, with what was refused.

use super::entries::{Entries, Refusal, duration, get, known_keys, line, list, map, required, text};
use super::yaml::{self, Located, Yaml};
use super::{Group, Rule, RuleError, Template, is_label_name};
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
        for key in ["limit", "query_offset", "labels"] {
            if let Some(value) = get(entries, key) {
                return Err((line(value), format!("`{key}` of a group is not supported yet: take it out")));
            }
        }
        if !names.insert(name.clone()) {
            return Err((line(group), format!("the file has another group `{name}`: choose another name")));
        }
        let interval_ms = duration(entries, "interval")?;
        let list = get(entries, "rules").map_or(Ok(&[][..]), |value| list(value, "`rules`"))?;
        let mut rules: Vec<Rule> = Vec::new();
        for rule in list {
            let read = parse_rule(rule).and_then(|read| distinct(read, &rules));
            match read {
                Ok(read) => rules.push(read),
                Err(refusal) => self.refuse(&rule_name(rule), refusal),
            }
        }
        Ok(Group { name, file: self.file.to_owned(), interval_ms, rules })
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

fn parse_rule(rule: &Located) -> Result<Rule, Refusal> {
    let entries = map(rule, "a rule")?;
    known_keys(entries, RULE_KEYS, "a rule")?;
    if let Some(record) = get(entries, "record") {
        return Err((line(record), "recording rules are not evaluated yet".to_owned()));
    }
    let name = required(entries, "alert", line(rule), "a rule")?;
    let written = required(entries, "expr", line(rule), "a rule")?;
    let at = get(entries, "expr").map_or(0, line);
    let expr = Expr::parse(&written).map_err(|error| (at, format!("expr: {error}")))?;
    if let Some(why) = expr.unfit_for_rule() {
        return Err((at, format!("expr: {why}")));
    }
    let labels = templates(entries, "labels")?;
    if let Some(reserved) = labels.iter().find(|(name, _)| name == "alertname" || name == "__name__") {
        return Err((
            line(rule),
            format!("the label `{}` is set by the alert itself: take it out", reserved.0),
        ));
    }
    Ok(Rule {
        name,
        expr,
        for_ms: duration(entries, "for")?.unwrap_or(0),
        keep_firing_for_ms: duration(entries, "keep_firing_for")?.unwrap_or(0),
        labels,
        annotations: templates(entries, "annotations")?,
        line: line(rule),
    })
}

/// Two rules with the same name and labels would give alerts that nobody can tell apart.
fn distinct(rule: Rule, others: &[Rule]) -> Result<Rule, Refusal> {
    let mut same = others.iter().filter(|other| other.name == rule.name && other.labels == rule.labels);
    match same.next() {
        Some(other) => {
            let reason = format!(
                "the rule of line {} has the same name and labels: give one another label",
                other.line
            );
            Err((rule.line, reason))
        }
        None => Ok(rule),
    }
}

fn rule_name(rule: &Located) -> String {
    let Yaml::Map(entries) = &rule.value else { return String::new() };
    let named = ["alert", "record"].into_iter().find_map(|key| get(entries, key));
    named.and_then(|value| text(value).ok()).unwrap_or_default()
}

fn templates(entries: Entries<'_>, key: &str) -> Result<Vec<(String, Template)>, Refusal> {
    let Some(value) = get(entries, key) else { return Ok(Vec::new()) };
    let mut templates = Vec::new();
    for (name, value) in map(value, &format!("`{key}`"))? {
        let at = name.referenced.line();
        if !is_label_name(&name.value) {
            return Err((at, format!("`{}` is not a label name: use letters, digits and _", name.value)));
        }
        let written = text(value).map_err(|reason| (at, format!("`{}` {reason}", name.value)))?;
        let template =
            Template::parse(&written).map_err(|error| (at, format!("{key}.{}: {error}", name.value)))?;
        templates.push((name.value.clone(), template));
    }
    templates.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(templates)
}
