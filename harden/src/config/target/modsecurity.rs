//! ModSecurity for Apache as Debian lays it out: a drop-in that is read after the host's own and before the Core Rule Set, and
//! exclusions for what it met in requests that are known to be good.

use crate::config::artifact::Entry;
use crate::config::draft::{Draft, Given};
use crate::config::host::is_written;
use hostward_model::Fact;
use std::collections::BTreeSet;

const RULES: &str = "/usr/share/modsecurity-crs/owasp-crs.load";
const ENABLED: &str = "/etc/apache2/mods-enabled";
/// What it is made of, in Debian's directory of modules.
const MODULES: [&str; 3] = ["security2.conf", "security2.load", "unique_id.load"];
const EXCLUSIONS: &str = "/etc/modsecurity/zz-hostward-exclusions.conf";
/// The first of their numbers; those below 100,000 are for rules of a host's own.
const FIRST: usize = 91_200;
/// Whoever needs more has an application that needs a person.
const EXCLUSIONS_MAX: usize = 200;
/// Longer names of pages and parameters are no plain ones.
const NAME_BYTES_MAX: usize = 256;
/// What is told of others' hits.
const TOLD_MAX: usize = 10;
const METHODS: &str = "GET,HEAD,POST,OPTIONS,PUT,PATCH,DELETE";
const METHODS_OF_DAV: &str = ",PROPFIND,PROPPATCH,MKCOL,COPY,MOVE,LOCK,UNLOCK";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if !draft.host.sees("apache") {
        return Err("Apache's configuration could not be read".to_owned());
    }
    if !draft.host.has(RULES) {
        return Err("without rules it sees nothing: install modsecurity-crs".to_owned());
    }
    for file in MODULES {
        let path = format!("{ENABLED}/{file}");
        if !draft.host.texts.contains_key(&path) {
            draft.lay(&path, Entry::Link(format!("../mods-available/{file}")));
        }
    }
    methods(draft);
    engines(draft);
    exclusions(draft)
}

fn methods(draft: &mut Draft<'_>) {
    let mut all = draft.parameter("methods").unwrap_or(METHODS).to_owned();
    if draft.host.area("apache").iter().any(|fact| fact.key == "module dav") {
        draft.keep("methods of WebDAV", "its module is loaded");
        all += METHODS_OF_DAV;
    }
    draft.give("methods", Given::Many(all.split(',').map(|own| own.trim().to_owned()).collect()));
}

/// What a section says for itself comes later, and counts there.
fn engines(draft: &mut Draft<'_>) {
    let theirs = draft.host.area("apache").iter().filter(|fact| is_written(&fact.origin));
    let set = theirs.filter(|fact| fact.key == "secruleengine");
    for fact in set.filter(|fact| !fact.scope.is_empty()).collect::<Vec<_>>() {
        let why = format!("{} says so", fact.origin);
        draft.keep(format!("{} SecRuleEngine {}", fact.scope, fact.value), why);
    }
}

/// A rule that met a parameter in a good request does not look at that parameter of those pages.
fn exclusions(draft: &mut Draft<'_>) -> Result<(), String> {
    let good: BTreeSet<&str> =
        draft.parameter("known_good").unwrap_or("").split(',').map(str::trim).collect();
    let (good, others): (Vec<&Fact>, Vec<&Fact>) =
        draft.host.area("waf-log").iter().partition(|fact| good.contains(fact.value.as_str()));
    let good: BTreeSet<(&str, &str)> =
        good.iter().map(|fact| (fact.scope.as_str(), fact.key.as_str())).collect();
    let others = others.iter().map(|fact| (fact.scope.as_str(), fact.key.as_str()));
    tell(draft, &others.filter(|own| !good.contains(own)).collect());
    let (can, cannot): (Vec<_>, Vec<_>) = good.into_iter().partition(|(page, key)| excludable(page, key));
    for (page, key) in cannot {
        let why = "it is not about a plain parameter, header or cookie of a plain address: it takes a rule of your own";
        draft.refuse(format!("an exclusion of {key} at {page}"), why);
    }
    if can.len() > EXCLUSIONS_MAX {
        draft.refuse("more exclusions", format!("{} are needed, {EXCLUSIONS_MAX} are made", can.len()));
    }
    write(draft, &can[..can.len().min(EXCLUSIONS_MAX)])
}

/// A rule for each; the file of an earlier rendering goes when there are none.
fn write(draft: &mut Draft<'_>, all: &[(&str, &str)]) -> Result<(), String> {
    let mut text = String::new();
    for (at, (page, key)) in all.iter().enumerate() {
        let (rule, target) = key.split_once(' ').unwrap_or((key, ""));
        let number = (FIRST + at).to_string();
        for (name, value) in
            [("number", number.as_str()), ("where", page), ("rule", rule), ("target", target)]
        {
            draft.give(name, Given::One(value.to_owned()));
        }
        let own = draft.part("exclusion")?;
        text += if text.is_empty() { &own } else { own.split_once('\n').map_or("", |(_, rule)| rule) };
        let why = format!("rule {rule} met it in a request of an address that modsecurity.known_good names");
        draft.keep(format!("{target} at {page} is not shown to rule {rule}"), why);
    }
    if !text.is_empty() {
        draft.file(EXCLUSIONS, text, draft.front.mode());
    } else if draft.host.texts.contains_key(EXCLUSIONS) {
        draft.lay(EXCLUSIONS, Entry::Absent);
    }
    Ok(())
}

/// Names come from strangers, and stand in a list of actions.
fn excludable(page: &str, key: &str) -> bool {
    let plain = |text: &str, more: &[u8]| {
        let letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte));
        letters && (1..=NAME_BYTES_MAX).contains(&text.len())
    };
    let Some((rule, target)) = key.split_once(' ') else { return false };
    let Some((variable, name)) = target.split_once(':') else { return false };
    let known = ["ARGS", "ARGS_GET", "ARGS_POST", "REQUEST_COOKIES", "REQUEST_HEADERS"].contains(&variable);
    rule.parse::<u32>().is_ok()
        && known
        && plain(name, b"_.-")
        && page.starts_with('/')
        && plain(page, b"/_.-")
}

/// What was met in other requests is for a person: an attack has hits, too.
fn tell(draft: &mut Draft<'_>, hits: &BTreeSet<(&str, &str)>) {
    for (page, key) in hits.iter().take(TOLD_MAX) {
        let why = "the audit log has it; if that was no attack, modsecurity.known_good names who sent it";
        draft.refuse(format!("an exclusion of {key} at {page}"), why);
    }
    if hits.len() > TOLD_MAX {
        draft.refuse(format!("{} exclusions more", hits.len() - TOLD_MAX), "the audit log has them all");
    }
}
