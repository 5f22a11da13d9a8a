//! What our readers make of a configuration, and what its own program says of it: files as people write them, each laid
//! over the root and given to both.

mod apache;
mod nftables;
mod nginx;
mod pam;
mod sshd;
mod sudoers;
mod sysctl;

use crate::boot::laid::Laid;
use crate::boot::program::{ask, good};
use crate::{Outcome, table};
use hostward_model::{Fact, Look, Wanted};
use hostward_probes::{Host, facts};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The start of a line that names a file of a sample; `-` before the path takes the file away.
const FILE: &str = "=== ";

/// How many things both say, or where they differ.
type Compared = Outcome<usize>;
type Compare = fn(&Path, &[Fact]) -> Compared;

/// The ending of a sample, the area that reads it, and what compares.
static READERS: &[(&str, &str, Compare)] = &[
    ("apache", "apache", apache::compare),
    ("nftables", "firewall", nftables::compare),
    ("nginx", "nginx", nginx::compare),
    ("pam", "pam", pam::compare),
    ("sshd", "sshd", sshd::compare),
    ("sudoers", "sudoers", sudoers::compare),
    ("sysctl", "sysctl", sysctl::compare),
];

/// Compares every sample; a table of what agreed, or an error with all that does not.
pub fn all(stock: &Path) -> Outcome<String> {
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for path in samples()? {
        let (name, ending) = (name(&path, Path::file_stem), name(&path, Path::extension));
        let reader = READERS.iter().find(|(own, ..)| *own == ending);
        let (_, area, compare) =
            reader.ok_or_else(|| format!("{}: no reader has this ending", path.display()))?;
        match sample(stock, &path, area, *compare) {
            Ok(agreed) => rows.push(vec![ending, name, agreed.to_string()]),
            Err(why) => wrong.push(format!("{name}.{ending}: {why}")),
        }
    }
    if wrong.is_empty() {
        Ok(table::markdown(&["read by", "sample", "agreed on"], &rows))
    } else {
        Err(wrong.join("\n"))
    }
}

fn name<'p>(path: &'p Path, part: impl Fn(&'p Path) -> Option<&'p std::ffi::OsStr>) -> String {
    part(path).unwrap_or_default().to_string_lossy().into_owned()
}

fn samples() -> Outcome<Vec<PathBuf>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/harden/agree/samples");
    let said = |error: std::io::Error| format!("{}: {error}", directory.display());
    let entries = fs::read_dir(&directory).map_err(said)?.collect::<Result<Vec<_>, _>>().map_err(said)?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn sample(stock: &Path, path: &Path, area: &str, compare: Compare) -> Compared {
    let laid = Laid::new(stock)?;
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    lay(laid.root(), &text)?;
    let wanted = Wanted { areas: [area.to_owned()].into(), ..Wanted::default() };
    match facts::collect(&Host::new(laid.root()), &wanted).areas.remove(area) {
        Some(Look::Seen(facts)) => compare(laid.root(), &facts),
        Some(Look::Unseen(gap)) => Err(gap.reason),
        Some(Look::Absent(_)) | None => Err("our reader finds nothing".to_owned()),
    }
}

fn lay(root: &Path, text: &str) -> Outcome<()> {
    for part in text.split(FILE).skip(1) {
        let (path, text) = part.split_once('\n').unwrap_or((part, ""));
        let said = |error: std::io::Error| format!("{path}: {error}");
        if let Some(path) = path.strip_prefix('-') {
            fs::remove_file(root.join(path.trim_start_matches('/'))).map_err(said)?;
            continue;
        }
        let place = root.join(path.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap_or(root)).map_err(said)?;
        fs::write(place, text).map_err(said)?;
    }
    Ok(())
}

/// What a program of the root prints, on either stream.
fn said(root: &Path, words: &[&str]) -> Outcome<String> {
    let ran = ask(Command::new("chroot").arg(root).args(words))?;
    if ran.code == 0 {
        Ok(ran.text + &ran.complaint)
    } else {
        Err(format!("{}: {}", words.join(" "), ran.complaint))
    }
}

/// A file system that a program of the root needs to see.
fn proc(root: &Path) -> Outcome<()> {
    good(Command::new("mount").args(["-t", "proc", "proc"]).arg(root.join("proc"))).map(drop)
}

/// Two sets that should be one.
fn same(what: &str, ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Compared {
    let (more, less): (Vec<_>, Vec<_>) =
        (ours.difference(theirs).collect(), theirs.difference(ours).collect());
    if more.is_empty() && less.is_empty() {
        return Ok(ours.len());
    }
    Err(format!("{what}: only we say {more:?}, only the program says {less:?}"))
}
