//! Apache httpd as Debian lays it out: a drop-in that is read last, modules that nobody needs are unlinked, and
//! directories of the main configuration get options without surprises.

use crate::config::artifact::Entry;
use crate::config::draft::{Draft, Given};
use crate::config::host::is_written;
use hostward_model::Fact;
use std::collections::BTreeSet;

const ENABLED: &str = "/etc/apache2/mods-enabled";
/// Debian switches these on by itself; whoever has others has wanted them.
const UNWANTED: [&str; 2] = ["autoindex", "status"];
const WANTED_BY_SOMEBODY: [&str; 4] = ["userdir", "dav", "dav_fs", "info"];

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if !draft.host.sees("apache") {
        return Err("its configuration could not be read".to_owned());
    }
    let name = draft.path.rsplit('/').next().unwrap_or("").to_owned();
    link(draft, &format!("/etc/apache2/conf-enabled/{name}"), &format!("../conf-available/{name}"));
    headers(draft);
    modules(draft);
    directories(draft);
    for scope in virtual_hosts(draft) {
        draft.keep(scope, "virtual hosts are not touched; what they set themselves stays");
    }
    Ok(())
}

fn link(draft: &mut Draft<'_>, path: &str, target: &str) {
    draft.lay(path, Entry::Link(target.to_owned()));
}

fn loaded(draft: &Draft<'_>, module: &str) -> bool {
    let key = format!("module {module}");
    draft.host.area("apache").iter().any(|fact| fact.key == key)
}

fn headers(draft: &mut Draft<'_>) {
    let available = "/etc/apache2/mods-available/headers.load";
    if !loaded(draft, "headers") && !draft.host.has(available) {
        return draft.refuse("response headers", "mod_headers is not installed");
    }
    if !draft.host.texts.contains_key(&format!("{ENABLED}/headers.load")) && draft.host.has(available) {
        link(draft, &format!("{ENABLED}/headers.load"), "../mods-available/headers.load");
    } else if draft.host.texts.contains_key(&format!("{ENABLED}/headers.load")) {
        draft.keep("module headers", "it is loaded already");
    }
    draft.give("headers", Given::Flag);
}

fn modules(draft: &mut Draft<'_>) {
    let keep = draft.parameter("keep_modules").unwrap_or("");
    for module in UNWANTED.iter().filter(|own| loaded(draft, own)).copied().collect::<Vec<_>>() {
        let moderate = draft.wish.level >= crate::check::Level::Moderate;
        if keep.split(',').any(|own| own.trim() == module) {
            draft.keep(format!("module {module}"), "the parameter apache.keep_modules names it");
        } else if moderate || module != "status" {
            remove(draft, module);
        }
    }
    for module in WANTED_BY_SOMEBODY {
        if loaded(draft, module) {
            draft.refuse(
                format!("unloading {module}"),
                "somebody has switched it on; a2dismod switches it off",
            );
        }
    }
}

fn remove(draft: &mut Draft<'_>, module: &str) {
    for ending in ["load", "conf"] {
        let path = format!("{ENABLED}/{module}.{ending}");
        if draft.host.texts.contains_key(&path) {
            draft.lay(&path, Entry::Absent);
        }
    }
}

/// Directories outside of virtual hosts, whose options a later section of the same name replaces.
fn directories(draft: &mut Draft<'_>) {
    let facts: Vec<&Fact> = draft.host.area("apache").iter().collect();
    let wanted = |fact: &&&Fact| fact.key == "options" || fact.key == "allowoverride";
    let plain = |scope: &str| {
        scope
            .strip_prefix("Directory ")
            .filter(|path| path.starts_with('/') && !path.contains(' '))
            .map(str::to_owned)
    };
    let needed: Vec<&&Fact> =
        facts.iter().filter(|fact| fact.key == "options" && needs(draft, fact)).collect();
    let kept = |fact: &&&Fact| needed.iter().any(|own| own.scope == fact.scope);
    let paths = facts.iter().filter(wanted).filter(|fact| !kept(fact)).filter_map(|fact| plain(&fact.scope));
    let paths: BTreeSet<String> = paths.collect();
    for fact in &needed {
        draft.keep(format!("{} Options {}", fact.scope, fact.value), "scripts or rewriting need them");
    }
    if !paths.is_empty() {
        draft.give("directories", Given::Many(paths.into_iter().collect()));
    }
    let overrides =
        facts.iter().filter(|fact| fact.key == "allowoverride" && !fact.value.eq_ignore_ascii_case("none"));
    for fact in overrides.filter(|fact| is_written(&fact.origin)) {
        draft.keep(
            format!("{} AllowOverride {}", fact.scope, fact.value),
            "files named .htaccess are in use there",
        );
    }
}

/// Options that something in use would not work without.
fn needs(draft: &Draft<'_>, fact: &Fact) -> bool {
    let options = fact.value.to_ascii_lowercase();
    options.contains("execcgi") || (options.contains("symlinks") && loaded(draft, "rewrite"))
}

fn virtual_hosts(draft: &Draft<'_>) -> BTreeSet<String> {
    let scopes = draft.host.area("apache").iter().map(|fact| fact.scope.as_str());
    let hosts =
        scopes.filter(|scope| scope.starts_with("VirtualHost") && !scope[11..].contains(" Directory"));
    hosts.map(str::to_owned).collect()
}
