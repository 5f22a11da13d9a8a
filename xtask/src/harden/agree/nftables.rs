//! `nft -j list ruleset`: policies of chains that the kernel calls, and ports that they let in.

use super::{Compared, said, same};
use hostward_model::Fact;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    said(root, &["/usr/sbin/nft", "-f", "/etc/nftables.conf"])?;
    let text = said(root, &["/usr/sbin/nft", "-j", "list", "ruleset"]);
    said(root, &["/usr/sbin/nft", "flush", "ruleset"])?;
    let dump: Value = serde_json::from_str(&text?).map_err(|error| format!("nft: {error}"))?;
    let objects = dump["nftables"].as_array().cloned().unwrap_or_default();
    let chains: Vec<&Value> =
        objects.iter().map(|own| &own["chain"]).filter(|own| own["policy"].is_string()).collect();
    let policy = |own: &&Value| format!("{}.policy {}", text_of(&own["hook"]), text_of(&own["policy"]));
    let mut theirs: BTreeSet<String> = chains.iter().map(policy).collect();
    let sets = Sets::of(&objects);
    let rules: Vec<&Value> = objects.iter().map(|own| &own["rule"]).filter(|own| own.is_object()).collect();
    for chain in chains.iter().filter(|own| own["hook"] == "input") {
        for rule in reached(chain, &rules) {
            theirs.extend(accepted(rule, &sets));
        }
    }
    let ours = facts.iter().filter(|fact| fact.scope == "nftables");
    let ours = ours.filter_map(|fact| match fact.key.as_str() {
        "input.accept" => Some(format!("input.accept {}", fact.value)),
        key if key.ends_with(".policy") => Some(format!("{key} {}", fact.value)),
        _ => None,
    });
    same("policies and ports", &ours.collect(), &theirs)
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// What is in sets and maps, by table and name.
struct Sets(BTreeMap<(String, String), Value>);

impl Sets {
    fn of(objects: &[Value]) -> Self {
        let all = objects.iter().flat_map(|own| [&own["set"], &own["map"]]).filter(|own| own.is_object());
        let named = all.map(|own| ((table(own), text_of(&own["name"]).to_owned()), own["elem"].clone()));
        Sets(named.collect())
    }

    /// The elements of a value, which may be the name of a set.
    fn elements(&self, rule: &Value, value: &Value) -> Vec<Value> {
        let named = value.as_str().and_then(|name| name.strip_prefix('@'));
        let set = named.and_then(|name| self.0.get(&(table(rule), name.to_owned())));
        let all = set.or_else(|| value.get("set")).unwrap_or(value);
        all.as_array().cloned().unwrap_or_else(|| vec![all.clone()])
    }
}

fn table(own: &Value) -> String {
    format!("{} {}", text_of(&own["family"]), text_of(&own["table"]))
}

/// The rules of a chain and of those that it calls.
fn reached<'r>(chain: &Value, rules: &[&'r Value]) -> Vec<&'r Value> {
    let (table, mut open) = (table(chain), vec![text_of(&chain["name"]).to_owned()]);
    let (mut seen, mut reached) = (BTreeSet::new(), Vec::new());
    while let Some(name) = open.pop().filter(|name| seen.insert(name.clone())) {
        for rule in rules.iter().filter(|own| self::table(own) == table && own["chain"] == name.as_str()) {
            reached.push(*rule);
            let parts = rule["expr"].as_array().cloned().unwrap_or_default();
            let calls = parts.iter().flat_map(|part| [&part["jump"]["target"], &part["goto"]["target"]]);
            open.extend(calls.filter_map(Value::as_str).map(str::to_owned));
        }
    }
    reached
}

/// Ports of a rule whose verdict is to accept.
fn accepted(rule: &Value, sets: &Sets) -> Vec<String> {
    let parts = rule["expr"].as_array().cloned().unwrap_or_default();
    let accepts = parts.iter().any(|part| part.get("accept").is_some());
    let mut ports = Vec::new();
    for part in &parts {
        let (test, verdicts) = (&part["match"], &part["vmap"]);
        if let Some(protocol) = asked(&test["left"]).filter(|_| accepts && test["op"] == "==") {
            let elements = sets.elements(rule, &test["right"]);
            ports.extend(elements.iter().map(|port| (protocol.clone(), port.clone())));
        }
        if let Some(protocol) = asked(&verdicts["key"]) {
            let elements = sets.elements(rule, &verdicts["data"]);
            let accepts = elements.iter().filter(|own| own[1].get("accept").is_some());
            ports.extend(accepts.map(|own| (protocol.clone(), own[0].clone())));
        }
    }
    let shown = |port: &Value| match port["range"].as_array() {
        Some(ends) => format!("{}-{}", ends[0], ends[1]),
        None => port.to_string(),
    };
    ports.iter().map(|(protocol, port)| format!("input.accept {protocol}/{}", shown(port))).collect()
}

/// The protocol of a destination port that is asked for.
fn asked(left: &Value) -> Option<String> {
    let payload = &left["payload"];
    (payload["field"] == "dport").then(|| text_of(&payload["protocol"]).to_owned())
}
