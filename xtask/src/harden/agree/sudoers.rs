//! `cvtsudoers -f json`: for whom there is a rule, and whether it asks for a password; which Defaults are set.

use super::{Compared, said, same};
use hostward_model::{Fact, Origin};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    let text = said(root, &["/usr/bin/cvtsudoers", "-f", "json", "/etc/sudoers"])?;
    let dump: Value = serde_json::from_str(&text).map_err(|error| format!("cvtsudoers: {error}"))?;
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut theirs = BTreeMap::new();
    for spec in list(&dump, "User_Specs") {
        let free = list(&spec, "Cmnd_Specs").iter().any(|own| {
            list(own, "Options").iter().any(|option| option["authenticate"] == Value::Bool(false))
        });
        for user in list(&spec, "User_List") {
            *theirs.entry(name(&user)).or_default() |= free;
        }
    }
    let mut ours = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.key == "rule" || fact.key == "tag") {
        for user in fact.scope.split(',') {
            *ours.entry(user.to_owned()).or_default() |= fact.key == "tag" && fact.value == "NOPASSWD";
        }
    }
    let shown = |all: BTreeMap<String, bool>| {
        all.iter().map(|(user, free)| format!("{user} {}", if *free { "free" } else { "asked" })).collect()
    };
    let agreed = same("rules", &shown(ours), &shown(theirs))?;
    let general = list(&dump, "Defaults").into_iter().filter(|own| own["Binding"].is_null());
    let options = general.flat_map(|own| list(&own, "Options"));
    let theirs = options.flat_map(|option| {
        let is_list = option.get("operation").is_some();
        let all = option.as_object().cloned().unwrap_or_default().into_iter();
        all.filter(|(name, _)| name != "operation")
            .map(move |(name, value)| if is_list { name } else { format!("{name}={}", written(&value)) })
    });
    let ours = facts.iter().filter(|fact| {
        fact.key != "rule" && fact.scope.is_empty() && matches!(fact.origin, Origin::File(..))
    });
    let theirs: BTreeSet<String> = theirs.collect();
    let ours = ours.map(|fact| {
        let is_list = theirs.contains(&fact.key);
        if is_list { fact.key.clone() } else { format!("{}={}", fact.key, fact.value) }
    });
    Ok(agreed + same("Defaults", &ours.collect(), &theirs)?)
}

/// A value as our reader has it.
fn written(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A user, a group or a netgroup as sudoers(5) spells it.
fn name(user: &Value) -> String {
    let of = |key: &str, sign: &str| match &user[key] {
        Value::String(name) => Some(format!("{sign}{name}")),
        Value::Number(number) => Some(format!("{sign}#{number}")),
        _ => None,
    };
    let keys = [
        ("username", ""),
        ("userid", ""),
        ("usergroup", "%"),
        ("usergid", "%"),
        ("netgroup", "+"),
        ("useralias", ""),
    ];
    let name = keys.iter().find_map(|(key, sign)| of(key, sign)).unwrap_or_else(|| user.to_string());
    if user["negated"] == Value::Bool(true) { format!("!{name}") } else { name }
}
