//! `cvtsudoers -f json`: for whom there is a rule, and whether it asks for a password; which Defaults are set.

use super::{Compared, said, same};
use hostward_model::{Fact, Origin};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    let text = said(root, &["/usr/bin/cvtsudoers", "-f", "json", "/etc/sudoers"])?;
    let dump: Value = serde_json::from_str(&text).map_err(|error| format!("cvtsudoers: {error}"))?;
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut theirs = BTreeSet::new();
    for spec in list(&dump, "User_Specs") {
        for user in list(&spec, "User_List") {
            let free = list(&spec, "Cmnd_Specs").iter().any(|own| {
                list(own, "Options").iter().any(|option| option["authenticate"] == Value::Bool(false))
            });
            theirs.insert(format!("{} {}", name(&user), if free { "free" } else { "asked" }));
        }
    }
    let rules = facts.iter().filter(|fact| fact.key == "rule");
    let ours = rules.flat_map(|fact| {
        let free = if fact.value.contains("NOPASSWD:") { "free" } else { "asked" };
        fact.scope.split(',').map(move |user| format!("{} {free}", user.trim())).collect::<Vec<_>>()
    });
    let agreed = same("rules", &ours.collect(), &theirs)?;
    let general = list(&dump, "Defaults").into_iter().filter(|own| own["Binding"].is_null());
    let theirs: BTreeSet<String> = general
        .flat_map(|own| list(&own, "Options"))
        .flat_map(|option| {
            option.as_object().into_iter().flat_map(|own| own.keys().cloned()).collect::<Vec<_>>()
        })
        .filter(|name| name != "operation" && name != "list")
        .collect();
    let ours = facts.iter().filter(|fact| {
        fact.key != "rule" && fact.scope.is_empty() && matches!(fact.origin, Origin::File(..))
    });
    let of_list = |name: &String| name.trim_end_matches(['+', '-']).to_owned();
    let ours: BTreeSet<String> = ours.map(|fact| of_list(&fact.key)).collect();
    Ok(agreed + same("Defaults", &ours, &theirs)?)
}

fn name(user: &Value) -> String {
    let of = |key: &str, sign: &str| user[key].as_str().map(|name| format!("{sign}{name}"));
    of("username", "")
        .or_else(|| of("usergroup", "%"))
        .or_else(|| of("useralias", ""))
        .unwrap_or_else(|| user.to_string())
}
