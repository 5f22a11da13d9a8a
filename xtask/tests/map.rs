//! The map stays true: what the documents name is there, and the map fits on a few pages.

use hostward_xtask::root;
use std::fs;

const MAP_LINES_MAX: usize = 200;

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("a document at the root")
}

/// What stands in backquotes and is a path from the root of the checkout.
fn paths(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let plain = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let ours = |word: &&str| {
        let first = word.split('/').next().unwrap_or("");
        word.contains('/') && !first.is_empty() && !word.contains("NAME") && root().join(first).is_dir()
    };
    quoted.filter(plain).filter(ours).collect()
}

#[test]
fn what_the_documents_name_is_there() {
    for name in ["ARCHITECTURE.md", "SPECIFICATION.md", "CONTRIBUTING.md", "SECURITY.md", "README.md"] {
        let text = document(name);
        let gone: Vec<_> = paths(&text).into_iter().filter(|path| !root().join(path).exists()).collect();
        assert_eq!(gone, Vec::<&str>::new(), "{name} names what is not there");
    }
}

#[test]
fn a_path_that_is_gone_is_noticed() {
    assert_eq!(
        paths("see `xtask/src/gone.rs`, `a word`, `probes/src/NAME.rs` and `/etc/x`"),
        ["xtask/src/gone.rs"]
    );
}

#[test]
fn the_map_is_short() {
    let lines = document("ARCHITECTURE.md").lines().count();
    assert!(lines <= MAP_LINES_MAX, "{lines} lines");
}

#[test]
fn every_crate_of_the_workspace_is_on_the_map() {
    let (map, manifest) = (document("ARCHITECTURE.md"), document("Cargo.toml"));
    let table: toml::Table = manifest.parse().unwrap();
    for member in table["workspace"]["members"].as_array().unwrap() {
        let member = member.as_str().unwrap();
        assert!(map.contains(&format!("**`{member}`**")), "{member} is not on the map");
    }
}
