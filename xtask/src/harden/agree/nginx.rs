//! `nginx -T`: every file that is read, and its text; so which files there are, and how many servers.

use super::{Compared, said, same};
use hostward_model::{Fact, Origin};
use std::collections::BTreeSet;
use std::path::Path;

const FILE: &str = "# configuration file ";

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    let dump = said(root, &["/usr/sbin/nginx", "-T"])?;
    let theirs: BTreeSet<String> = dump
        .lines()
        .filter_map(|line| line.strip_prefix(FILE)?.strip_suffix(':').map(str::to_owned))
        .filter(|path| holds_directives(path))
        .collect();
    let places = facts.iter().filter_map(|fact| match &fact.origin {
        Origin::File(path, _) => Some(path.clone()),
        _ => None,
    });
    let ours: BTreeSet<String> = places.filter(|path| holds_directives(path)).collect();
    let files = same("files", &ours, &theirs)?;
    let statements = dump.split(['{', '}', ';', '\n']).map(str::trim);
    let names = statements.filter_map(|own| own.strip_prefix("server_name "));
    let theirs: BTreeSet<String> = names.map(str::to_owned).collect();
    let servers = facts.iter().filter(|fact| fact.key == "server_name" && !fact.scope.contains(" location "));
    let ours: BTreeSet<String> = servers.map(|fact| fact.value.clone()).collect();
    Ok(files + same("servers", &ours, &theirs)?)
}

/// What maps and types include are their entries, of which nothing is said.
fn holds_directives(path: &str) -> bool {
    !path.ends_with("mime.types") && !path.ends_with(".map")
}
