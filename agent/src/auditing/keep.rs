//! What the child does once it has audited: compares with the audit before, keeps what it found, and says in short what the
//! daemon needs. So the daemon never holds a whole record, which is large.

use super::findings;
use super::last::{Cause, Last, Ran};
use super::told::Picture;
use super::watch::Watched;
use crate::durable;
use crate::state::Entry;
use hostward_harden::audit::Record;
use hostward_probes::{Host, facts};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const FILE: &str = "audit-summary.json";
/// Some 50 KiB are usual.
pub const SUMMARY_BYTES_MAX: u64 = 4 << 20;

/// What the daemon needs of an audit.
#[derive(Debug, Serialize, Deserialize)]
pub struct Summary {
    /// What is told.
    pub picture: Picture,
    /// What is watched.
    pub watched: Watched,
    /// What is noted; told once, and not kept.
    #[serde(default)]
    pub notes: Vec<Entry>,
    /// Why failed checks are no findings.
    #[serde(default)]
    pub unkept: Option<String>,
}

/// Keeps an audit of `root` in the state directory.
pub fn keep(record: Record, root: &Path, dir: &Path, ran: Ran, as_findings: bool) -> io::Result<Summary> {
    let old = Last::read(dir);
    let (last, notes) = Last::after(old.as_ref(), record, ran, |file| cause(root, file));
    last.keep(dir)?;
    let unkept = if as_findings { findings::keep(&last.record, dir, ran.at_ms).err() } else { None };
    let (picture, watched) = (Picture::of(&last), Watched::of(&last.record, root));
    let mut summary = Summary { picture, watched, notes: Vec::new(), unkept: None };
    durable::write(&dir.join(FILE), &serde_json::to_vec(&summary)?)?;
    summary.notes = notes;
    summary.unkept = unkept.map(|error| error.to_string());
    Ok(summary)
}

/// The last one that was kept; nothing when there is none, or it makes no sense: the next audit makes another.
pub fn read(dir: &Path) -> Option<Summary> {
    let mut bytes = Vec::new();
    File::open(dir.join(FILE)).ok()?.take(SUMMARY_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// What is known of a file that changed.
fn cause(root: &Path, file: &str) -> Cause {
    let state = fs::metadata(root.join(file.trim_start_matches('/')));
    // Content and permissions alike: this time of a file moves with both.
    let changed_ms = state.ok().map(|own| own.ctime() * 1000 + own.ctime_nsec() / 1_000_000);
    Cause { file: Some(file.to_owned()), changed_ms, package: facts::package_of(&Host::new(root), file) }
}

#[cfg(test)]
mod tests {
    use super::super::last::tests::record;
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn drift_is_noted_once_and_says_what_changed_the_file() {
        let scratch = Scratch::new("keep");
        let (root, dir) = (scratch.path(), scratch.path());
        fs::create_dir_all(root.join("etc")).unwrap();
        fs::write(root.join("etc/x"), "").unwrap();
        let kept = |verdict| {
            let ran = Ran { at_ms: 1, seconds: 0.1 };
            keep(record(&[("a", verdict)]), root, dir, ran, false).unwrap()
        };
        assert!(kept("pass").notes.is_empty());
        let notes = kept("fail").notes;
        assert!(notes[0].reason.contains("/etc/x changed at 20"), "{notes:?}");
        assert!(kept("fail").notes.is_empty() && read(dir).unwrap().notes.is_empty());
    }
}
