//! Artifacts as a tree to deploy: files and links under their paths, and a list of what goes away.

use crate::lay::lay;
use hostward_harden::config::{Entry, Front, Rendering};
use std::fs;
use std::path::Path;

/// Paths that are to be removed, one a line; nobody could see them in the tree.
const REMOVED: &str = "/removed";

/// Writes the tree; the directory must be empty or not be there, so that nothing old is deployed.
pub fn write(out: &Path, rendered: &[(&Front, Rendering)]) -> Result<(), String> {
    let said = |error: std::io::Error| format!("{}: {error}", out.display());
    fs::create_dir_all(out).map_err(said)?;
    if fs::read_dir(out).map_err(said)?.next().is_some() {
        return Err(format!("{}: not empty; name a new directory", out.display()));
    }
    let mut removed = String::new();
    for artifact in rendered.iter().flat_map(|(_, own)| &own.artifacts) {
        match &artifact.entry {
            Entry::Absent => removed += &format!("{}\n", artifact.path),
            entry => lay(out, &artifact.path, entry).map_err(said)?,
        }
    }
    if removed.is_empty() { Ok(()) } else { lay(out, REMOVED, &Entry::File(removed, 0o644)).map_err(said) }
}
