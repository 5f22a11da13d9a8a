//! `nft -j list ruleset`: policies of chains that the kernel calls, and ports that they let in.

use super::{Compared, said, same};
use hostward_model::Fact;
use serde_json::Value;
use std::collections::BTreeSet;
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
    let input: Vec<&Value> =
        chains.iter().filter(|own| own["hook"] == "input").map(|own| &own["name"]).collect();
    for rule in objects.iter().map(|own| &own["rule"]).filter(|own| input.contains(&&own["chain"])) {
        theirs.extend(accepted(rule));
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

/// Ports of a rule whose verdict is to accept.
fn accepted(rule: &Value) -> Vec<String> {
    let parts = rule["expr"].as_array().cloned().unwrap_or_default();
    if !parts.iter().any(|part| part.get("accept").is_some()) {
        return Vec::new();
    }
    let ports = parts.iter().filter_map(|part| {
        let payload = &part["match"]["left"]["payload"];
        (payload["field"] == "dport")
            .then(|| (text_of(&payload["protocol"]).to_owned(), part["match"]["right"].clone()))
    });
    let each = |right: &Value| -> Vec<String> {
        let all = right["set"].as_array().cloned().unwrap_or_else(|| vec![right.clone()]);
        all.iter()
            .map(|own| match own["range"].as_array() {
                Some(ends) => format!("{}-{}", ends[0], ends[1]),
                None => own.to_string(),
            })
            .collect()
    };
    ports
        .flat_map(|(protocol, right)| {
            each(&right)
                .into_iter()
                .map(move |port| format!("input.accept {protocol}/{port}"))
                .collect::<Vec<_>>()
        })
        .collect()
}
