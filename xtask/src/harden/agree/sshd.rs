//! `sshd -T`: every keyword with the value that holds outside of Match blocks.

use super::{Compared, said};
use hostward_model::Fact;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub fn compare(root: &Path, facts: &[Fact]) -> Compared {
    fs::create_dir_all(root.join("run/sshd")).map_err(|error| error.to_string())?;
    let mut theirs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in said(root, &["/usr/sbin/sshd", "-T"])?.lines() {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        theirs.entry(key.to_ascii_lowercase()).or_default().push(value.to_owned());
    }
    let (mut agreed, mut differ) = (0, Vec::new());
    for (key, theirs) in theirs {
        let ours: Vec<&str> = facts
            .iter()
            .filter(|fact| fact.scope.is_empty() && fact.key == key)
            .map(|fact| fact.value.as_str())
            .collect();
        if ours.is_empty() || key == "listenaddress" {
            continue;
        }
        let (mut a, mut b): (Vec<String>, Vec<String>) = (
            ours.iter().flat_map(|own| words(&whole(&key, own))).collect(),
            theirs.iter().flat_map(|own| words(own)).collect(),
        );
        a.sort();
        b.sort();
        if a != b {
            differ.push(format!("{key}: we say {ours:?}, sshd says {theirs:?}"));
        }
        agreed += 1;
    }
    if differ.is_empty() { Ok(agreed) } else { Err(differ.join("; ")) }
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
