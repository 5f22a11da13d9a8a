//! Which crate may depend on which: the arrows of the architecture, read from the manifests.
//!
//! A dependency for tests is an arrow too: a crate that can only be tested with another one knows it.

use crate::Outcome;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Crates of the workspace, and those of the others that each may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("hostward-model", &[]),
    ("hostward-probes", &["hostward-model", "hostward-formats"]),
    ("hostward-engine", &["hostward-model"]),
    ("hostward-harden", &["hostward-model"]),
    ("hostward-formats", &["hostward-model"]),
    ("hostward-plugin-abi", &[]),
    ("hostward-probe", &["hostward-plugin-abi"]),
    ("hostward-plugin-host", &["hostward-model", "hostward-plugin-abi"]),
    ("hostward-example-tls-expiry", &["hostward-probe"]),
    (
        "hostward",
        &[
            "hostward-model",
            "hostward-probes",
            "hostward-engine",
            "hostward-harden",
            "hostward-formats",
            "hostward-plugin-host",
        ],
    ),
];

/// May depend on any crate but the agent, and on nothing behind a fence.
const TOOLS: &str = "hostward-xtask";

/// Outside crates that stay in one room, and the room.
const FENCES: &[(&str, &str)] = &[
    ("tokio", "hostward"),
    ("hyper", "hostward"),
    ("hyper-util", "hostward"),
    ("http-body-util", "hostward"),
    ("rusqlite", "hostward"),
    ("libloading", "hostward-plugin-host"),
    ("landlock", "hostward-plugin-host"),
    ("seccompiler", "hostward-plugin-host"),
    ("libc", "hostward-plugin-host"),
];

/// The crates with unsafe code, which state their lints themselves.
const UNSAFE_ROOMS: &[&str] = &["hostward-probe", "hostward-plugin-host"];

/// The part of a manifest that speaks of dependencies.
pub struct Manifest {
    name: String,
    /// Real names of the crates it depends on, for building, running or testing.
    needs: Vec<String>,
    inherits_lints: bool,
}

impl Manifest {
    /// Reads a crate's manifest; `workspace` is the root's, which knows renamed crates.
    pub fn parse(text: &str, workspace: &str) -> Outcome<Self> {
        let table: Table = text.parse().map_err(|error| format!("not a manifest: {error}"))?;
        let workspace: Table = workspace.parse().map_err(|error| format!("not a manifest: {error}"))?;
        let name =
            at(&table, &["package", "name"]).and_then(Value::as_str).ok_or("a manifest without a name")?;
        let inherits = at(&table, &["lints", "workspace"]).and_then(Value::as_bool);
        let shared = at(&workspace, &["workspace", "dependencies"]).and_then(Value::as_table);
        let needs = dependencies(&table).map(|(key, value)| real_name(key, value, shared)).collect();
        Ok(Manifest { name: name.to_owned(), needs, inherits_lints: inherits == Some(true) })
    }
}

/// Every arrow that may not be, as a sentence.
pub fn forbidden(manifests: &[Manifest]) -> Vec<String> {
    let own: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut complaints = Vec::new();
    for manifest in manifests {
        if manifest.name != TOOLS && !own.contains_key(manifest.name.as_str()) {
            complaints.push(format!("{} has no arrows yet: give it a line in ARROWS", manifest.name));
        }
        if !manifest.inherits_lints && !UNSAFE_ROOMS.contains(&manifest.name.as_str()) {
            complaints.push(format!("{} does not take the lints of the workspace", manifest.name));
        }
        complaints.extend(manifest.needs.iter().filter_map(|need| complaint(&manifest.name, need, &own)));
    }
    complaints
}

fn complaint(name: &str, need: &str, own: &BTreeMap<&str, &[&str]>) -> Option<String> {
    if need == "hostward" || need == TOOLS {
        return Some(format!("{name} may not depend on {need}: nobody does"));
    }
    if name == "hostward-model" {
        return Some(format!("{name} may not depend on {need}: it has no dependencies"));
    }
    if let Some((_, room)) = FENCES.iter().find(|(fenced, room)| *fenced == need && *room != name) {
        return Some(format!("{name} may not depend on {need}: only {room} has it"));
    }
    let allowed =
        name == TOOLS || !own.contains_key(need) || own.get(name).is_some_and(|all| all.contains(&need));
    (!allowed).then(|| format!("{name} may not depend on {need}: no such arrow"))
}

fn dependencies(table: &Table) -> impl Iterator<Item = (&String, &Value)> {
    const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let targets = table.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(|targets| targets.values().filter_map(Value::as_table));
    let tables = tables.chain([table]);
    tables.flat_map(|table| KINDS.iter().filter_map(|kind| table.get(*kind)?.as_table())).flatten()
}

fn real_name(key: &str, value: &Value, shared: Option<&Table>) -> String {
    let inherited = shared.and_then(|shared| shared.get(key)).filter(|_| value.get("workspace").is_some());
    let package = value.get("package").or_else(|| inherited?.get("package"));
    package.and_then(Value::as_str).unwrap_or(key).to_owned()
}

fn at<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, front) = path.split_last()?;
    let table = front.iter().try_fold(table, |table, key| table.get(*key)?.as_table())?;
    table.get(*last)
}
