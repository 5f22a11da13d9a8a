//! What the targets for readers of facts share. An input is files as the samples of `xtask/src/harden/agree/samples` have them:
//! what stands before the first line `=== PATH` is the file that an area starts with.

use hostward_model::{Look, Origin, Wanted};
use hostward_probes::{Host, facts};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const FILE: &str = "=== ";
const FILES_MAX: usize = 8;

static ROOT: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("hostward-fuzz-{}", std::process::id())));

/// Reads one area of a host that has nothing but these files. What is found is found again, where there is such a line; what is not,
/// has a reason.
pub fn read(area: &str, main: &str, bytes: &[u8]) {
    let _ = fs::remove_dir_all(&*ROOT);
    lay(main, bytes);
    let wanted = Wanted { areas: [area.to_owned()].into(), ..Wanted::default() };
    let seen = facts::collect_by(&Host::new(&*ROOT), &wanted, facts::Walk::Never).areas;
    assert_eq!(seen, facts::collect_by(&Host::new(&*ROOT), &wanted, facts::Walk::Never).areas);
    match &seen[area] {
        Look::Seen(facts) => facts.iter().for_each(|fact| is_there(&fact.origin)),
        Look::Absent(what) => assert!(!what.is_empty()),
        Look::Unseen(gap) => assert!(!gap.reason.is_empty() && gap.reason.len() < 10_000, "{}", gap.reason),
    }
}

fn is_there(origin: &Origin) {
    if let Origin::File(path, line) = origin
        && *line > 0
    {
        let bytes = fs::read(below(path)).expect("a file that was read");
        assert!(bytes.split(|byte| *byte == b'\n').count() >= *line, "{origin}");
    }
}

fn below(path: &str) -> PathBuf {
    ROOT.join(path.trim_start_matches('/'))
}

fn lay(main: &str, bytes: &[u8]) {
    let mut place = main.to_owned();
    let (mut text, mut files) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(FILE.as_bytes()).and_then(named) {
            Some(next) if files < FILES_MAX => {
                write(&below(&place), &text);
                (place, text, files) = (next, Vec::new(), files + 1);
            }
            _ => text.extend_from_slice(line),
        }
    }
    write(&below(&place), &text);
}

/// A path below `/etc`, `/usr` or `/run` of the root and nowhere else.
fn named(path: &[u8]) -> Option<String> {
    let path = std::str::from_utf8(path).ok()?.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let known = ["/etc/", "/usr/", "/run/"].iter().any(|start| path.starts_with(start));
    (known && path.len() < 100 && path.chars().all(plain) && !path.contains("..")).then(|| path.to_owned())
}

fn write(path: &Path, text: &[u8]) {
    // A file may stand where another one wants a directory: then there is the first of them.
    if path.parent().is_some_and(|directory| fs::create_dir_all(directory).is_ok()) {
        let _ = fs::write(path, text);
    }
}
