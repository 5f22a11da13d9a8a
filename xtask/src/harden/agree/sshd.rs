//! `sshd -T`: every keyword with the value that holds outside of Match blocks; and with `-C`, for each connection that a sample names,
//! the value that holds for it.

use super::{Compared, said};
use crate::Outcome;
use hostward_model::Fact;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Connections of a sample, one a line, as sshd(8) wants them named after `-C`.
const CONNECTIONS: &str = "connections";
/// A connection for which no block of a sample holds; without a port sshd does not look at blocks that ask for one.
const NOBODY: &str = "laddr=192.0.2.255,lport=1";
/// Keywords that may stand in Match blocks and add up.
const MANY: [&str; 5] = ["acceptenv", "allowgroups", "allowusers", "denygroups", "denyusers"];
/// A configuration that tells which conditions hold.
const CONDITIONS: &str = "/etc/ssh/conditions";

type Dump = BTreeMap<String, Vec<String>>;

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    fs::create_dir_all(root.join("run/sshd")).map_err(|error| error.to_string())?;
    let always = dump(root, &["-C", NOBODY])?;
    let mut differ = Vec::new();
    let mut agreed = agreeing(facts, &always, &[], &mut differ);
    let connections = fs::read_to_string(root.join(CONNECTIONS)).unwrap_or_default();
    for connection in connections.lines() {
        let theirs = dump(root, &["-C", connection])?;
        let (ours, mut other) = (holding(root, facts, connection)?, Vec::new());
        agreed += agreeing(&ours, &theirs, &changed(&always, &theirs), &mut other);
        differ.extend(other.into_iter().map(|own| format!("{connection}: {own}")));
    }
    if differ.is_empty() { Ok(agreed) } else { Err(differ.join("; ")) }
}

fn dump(root: &Path, more: &[&str]) -> Outcome<Dump> {
    let mut dump = Dump::new();
    for line in said(root, &[&["/usr/sbin/sshd", "-T"], more].concat())?.lines() {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        dump.entry(key.to_ascii_lowercase()).or_default().push(value.to_owned());
    }
    Ok(dump)
}

/// Keywords of which a connection has another value, or one at all.
fn changed<'d>(always: &Dump, theirs: &'d Dump) -> Vec<&'d str> {
    theirs
        .iter()
        .filter(|(key, value)| always.get(*key) != Some(value))
        .map(|(key, _)| key.as_str())
        .collect()
}

/// How many keywords both say; where they differ is added. A keyword of which we say nothing is passed over, unless it is `told`.
fn agreeing(facts: &[Fact], dump: &Dump, told: &[&str], differ: &mut Vec<String>) -> usize {
    let mut agreed = 0;
    for (key, theirs) in dump.iter().filter(|(key, _)| *key != "listenaddress") {
        let own = facts.iter().filter(|fact| fact.scope.is_empty() && fact.key == *key);
        let ours: Vec<&str> = own.map(|fact| fact.value.as_str()).collect();
        if ours.is_empty() && !told.contains(&key.as_str()) {
            continue;
        }
        let (mut a, mut b): (Vec<String>, Vec<String>) = (
            ours.iter().flat_map(|own| words(&whole(key, own))).collect(),
            theirs.iter().flat_map(|own| words(own)).collect(),
        );
        a.sort();
        b.sort();
        if a != b {
            differ.push(format!("{key}: we say {ours:?}, sshd says {theirs:?}"));
        }
        agreed += 1;
    }
    agreed
}

/// What we say holds for a connection, as if it held for all: of the blocks whose condition sshd finds true the first, or all where
/// a keyword adds up, and what stands outside of blocks only where none of these says anything.
fn holding(root: &Path, facts: &[Fact], connection: &str) -> Outcome<Vec<Fact>> {
    let scopes = scopes(root, facts, connection)?;
    let mut holding: Vec<Fact> = Vec::new();
    for fact in facts.iter().filter(|fact| scopes.contains(fact.scope.as_str())) {
        let said = holding.iter().any(|own| own.key == fact.key);
        if !said || MANY.contains(&fact.key.as_str()) {
            holding.push(fact.clone().within(""));
        }
    }
    let keys: BTreeSet<String> = holding.iter().map(|own| own.key.clone()).collect();
    let rest = facts.iter().filter(|fact| fact.scope.is_empty() && !keys.contains(&fact.key));
    holding.extend(rest.cloned());
    Ok(holding)
}

/// The conditions that sshd finds true: each is given to it alone, with a word that it then says.
fn scopes<'f>(root: &Path, facts: &'f [Fact], connection: &str) -> Outcome<BTreeSet<&'f str>> {
    let all: BTreeSet<&str> =
        facts.iter().map(|fact| fact.scope.as_str()).filter(|own| !own.is_empty()).collect();
    let text: String =
        all.iter().enumerate().map(|(at, own)| format!("{own}\n\tAcceptEnv CONDITION_{at}\n")).collect();
    fs::write(root.join(CONDITIONS.trim_start_matches('/')), text).map_err(|error| error.to_string())?;
    let dump = dump(root, &["-f", CONDITIONS, "-C", connection])?;
    let held = dump.get("acceptenv").map_or(&[][..], Vec::as_slice);
    let holds = |at: usize| held.contains(&format!("CONDITION_{at}"));
    Ok(all.into_iter().enumerate().filter(|(at, _)| holds(*at)).map(|(_, own)| own).collect())
}

/// One number is where refusals begin and where all are refused, with sshd's own share between.
fn whole(key: &str, value: &str) -> String {
    match key {
        "maxstartups" if !value.contains(':') => format!("{value}:30:{value}"),
        _ => value.to_owned(),
    }
}

/// Words in small letters, times in seconds, old words as what they mean.
fn words(value: &str) -> Vec<String> {
    let value = value
        .replace("without-password", "prohibit-password")
        .replace("delayed", "yes")
        .replace("DEBUG1", "DEBUG");
    value
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(|word| seconds(word).unwrap_or_else(|| word.to_ascii_lowercase()))
        .collect()
}

fn seconds(word: &str) -> Option<String> {
    let (digits, unit) = word.split_at(word.find(|c: char| !c.is_ascii_digit())?);
    let each: u64 = match unit {
        "m" | "M" => 60,
        "h" | "H" => 3600,
        _ => return None,
    };
    Some((digits.parse::<u64>().ok()? * each).to_string())
}
