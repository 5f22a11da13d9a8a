//! The manifests of this checkout follow the architecture, and a manifest that does not is noticed.

use hostward_xtask::arrows::{Manifest, forbidden};
use hostward_xtask::root;
use std::fs;

#[test]
fn the_manifests_follow_the_architecture() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let table: toml::Table = workspace.parse().unwrap();
    let members: Vec<_> = table["workspace"]["members"].as_array().unwrap().iter().collect();
    assert!(members.len() >= 7, "members: {members:?}");
    let manifests: Vec<_> = members
        .iter()
        .map(|member| fs::read_to_string(root().join(member.as_str().unwrap()).join("Cargo.toml")).unwrap())
        .map(|text| Manifest::parse(&text, &workspace).unwrap())
        .collect();
    assert_eq!(forbidden(&manifests), Vec::<String>::new());
}

const WORKSPACE: &str = "[workspace.dependencies]\nruntime = { package = \"tokio\", version = \"1\" }\n";

/// What is said about a crate with one dependency.
fn said(name: &str, dependency: &str) -> Vec<String> {
    let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{dependency}\n");
    forbidden(&[Manifest::parse(&text, WORKSPACE).expect("a manifest")])
}

#[test]
fn forbidden_arrows_are_named() {
    let cases = [
        (
            "hostward-engine",
            "[dependencies]\nhostward-probes = { path = \"x\" }",
            "hostward-engine may not depend on hostward-probes: no such arrow",
        ),
        (
            "hostward-probes",
            "[dev-dependencies]\nhostward-harden.workspace = true",
            "hostward-probes may not depend on hostward-harden: no such arrow",
        ),
        (
            "hostward-harden",
            "[build-dependencies]\nhostward-engine = \"1\"",
            "hostward-harden may not depend on hostward-engine: no such arrow",
        ),
        (
            "hostward-xtask",
            "[dependencies]\nhostward = { path = \"agent\" }",
            "hostward-xtask may not depend on hostward: nobody does",
        ),
        (
            "hostward-model",
            "[dependencies]\nserde = \"1\"",
            "hostward-model may not depend on serde: it has no dependencies",
        ),
        (
            "hostward-engine",
            "[dependencies]\ntokio = \"1\"",
            "hostward-engine may not depend on tokio: only hostward has it",
        ),
        (
            "hostward-engine",
            "[dependencies]\nruntime.workspace = true",
            "hostward-engine may not depend on tokio: only hostward has it",
        ),
        (
            "hostward-probes",
            "[dependencies]\ndb = { package = \"rusqlite\", version = \"1\" }",
            "hostward-probes may not depend on rusqlite: only hostward has it",
        ),
        (
            "hostward",
            "[target.'cfg(unix)'.dependencies]\nlibloading = \"1\"",
            "hostward may not depend on libloading: only hostward-plugin-host has it",
        ),
        ("hostward-extra", "", "hostward-extra has no arrows yet: give it a line in ARROWS"),
    ];
    for (name, dependency, expected) in cases {
        assert_eq!(said(name, dependency), [expected]);
    }
}

#[test]
fn allowed_arrows_are_not() {
    assert_eq!(
        said("hostward", "[dependencies]\ntokio = \"1\"\nhostward-engine = \"1\""),
        Vec::<String>::new()
    );
    assert_eq!(said("hostward-xtask", "[dependencies]\nhostward-probes = \"1\""), Vec::<String>::new());
}

#[test]
fn a_crate_with_lints_of_its_own_is_named() {
    let manifest = Manifest::parse("[package]\nname = \"hostward-engine\"\n", WORKSPACE).unwrap();
    assert_eq!(forbidden(&[manifest]), ["hostward-engine does not take the lints of the workspace"]);
}
