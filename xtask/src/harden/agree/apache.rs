//! `apache2ctl -t` with its dumps: modules, virtual hosts with their places, included files.

use super::{Compared, said, same};
use hostward_model::{Fact, Origin};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    for directory in ["run/apache2", "run/lock/apache2", "var/log/apache2"] {
        fs::create_dir_all(root.join(directory)).map_err(|error| error.to_string())?;
    }
    let dump = |what: &str| said(root, &["/usr/sbin/apache2ctl", "-t", "-D", what]);
    let modules = dump("DUMP_MODULES")?;
    let theirs: BTreeSet<String> = modules
        .lines()
        .filter_map(|line| line.trim().strip_suffix("_module (shared)").map(str::to_owned))
        .collect();
    let ours: BTreeSet<String> =
        facts.iter().filter_map(|fact| fact.key.strip_prefix("module ").map(str::to_owned)).collect();
    let agreed = same("modules", &ours, &theirs)?;
    let places = facts.iter().filter_map(|fact| match &fact.origin {
        Origin::File(path, _) => Some(path.clone()),
        _ => None,
    });
    let ours: BTreeSet<String> = places.collect();
    let includes = dump("DUMP_INCLUDES")?;
    let theirs: BTreeSet<String> = includes
        .lines()
        .filter_map(|line| {
            line.split_whitespace().last().filter(|path| path.starts_with('/')).map(str::to_owned)
        })
        .collect();
    // Files without a directive that counts are none of ours.
    let agreed = agreed + same("files", &ours, &theirs.intersection(&ours).cloned().collect())?;
    Ok(agreed + same("virtual hosts", &hosts(facts), &dumped(&dump("DUMP_VHOSTS")?))?)
}

fn hosts(facts: &[Fact]) -> BTreeSet<String> {
    let of = facts.iter().filter(|fact| fact.key == "servername" && fact.scope.starts_with("VirtualHost "));
    of.map(|fact| fact.value.clone()).collect()
}

/// `port 80 namevhost a.example (FILE:1)`, or `*:80 a.example (FILE:1)` where an address has one host.
fn dumped(text: &str) -> BTreeSet<String> {
    // The first host of an address is named twice.
    let places =
        text.lines().filter_map(|line| line.split_once(" (")).filter(|(_, place)| place.contains(".conf"));
    places.filter_map(|(host, _)| host.split_whitespace().last().map(str::to_owned)).collect()
}
