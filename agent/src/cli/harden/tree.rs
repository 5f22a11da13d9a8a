//! Artifacts as a tree to deploy: files and links under their paths, and lists of what goes away and of modes.

use crate::lay::lay;
use hostward_harden::config::{Entry, Front, Rendering};
use nix::unistd::geteuid;
use std::fs;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::Path;

/// Paths that are to be removed, one a line; nobody could see them in the tree.
const REMOVED: &str = "/removed";
/// Modes of what is there already, as `0600 PATH`.
const MODES: &str = "/modes";

/// Writes the tree; the directory must be empty or not be there, so that nothing old is deployed. A file that takes the place
/// of another below `root` gets its owner.
pub fn write(out: &Path, root: &Path, rendered: &[(&Front, Rendering)]) -> Result<(), String> {
    let said = |error: std::io::Error| format!("{}: {error}", out.display());
    fs::create_dir_all(out).map_err(said)?;
    if fs::read_dir(out).map_err(said)?.next().is_some() {
        return Err(format!("{}: not empty; name a new directory", out.display()));
    }
    let (mut removed, mut modes) = (String::new(), String::new());
    for artifact in rendered.iter().flat_map(|(_, own)| &own.artifacts) {
        match &artifact.entry {
            Entry::Absent => removed += &format!("{}\n", artifact.path),
            Entry::Mode(mode) => modes += &format!("{mode:04o} {}\n", artifact.path),
            entry => {
                lay(out, &artifact.path, entry).map_err(said)?;
                give(out, root, &artifact.path).map_err(said)?;
            }
        }
    }
    for (path, list) in [(REMOVED, removed), (MODES, modes)] {
        if !list.is_empty() {
            lay(out, path, &Entry::File(list, 0o644)).map_err(said)?;
        }
    }
    Ok(())
}

/// Whoever is not root cannot give files away; what they deploy is theirs in any case.
fn give(out: &Path, root: &Path, path: &str) -> std::io::Result<()> {
    let below = |directory: &Path| directory.join(path.trim_start_matches('/'));
    match fs::symlink_metadata(below(root)) {
        Ok(own) if geteuid().is_root() => lchown(below(out), Some(own.uid()), Some(own.gid())),
        _ => Ok(()),
    }
}
