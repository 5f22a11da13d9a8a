//! What a tree looks like, to see whether anything changed in it.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Larger files are told by size and times alone.
const HASHED_BYTES_MAX: u64 = 4 << 20;

/// A line for each entry below the roots, and one for each mount.
pub fn fingerprint(roots: &[&Path]) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    roots.iter().for_each(|root| walk(root, &mut lines));
    let mounts = fs::read_to_string("/proc/self/mounts").expect("the mount table");
    lines.extend(mounts.lines().map(str::to_owned));
    lines
}

fn walk(path: &Path, lines: &mut BTreeSet<String>) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    let hash =
        if metadata.is_file() && metadata.len() <= HASHED_BYTES_MAX { hash(path) } else { String::new() };
    lines.insert(format!(
        "{} {:o} {} {} {}.{} {hash}",
        path.display(),
        metadata.mode(),
        metadata.uid(),
        metadata.len(),
        metadata.mtime(),
        metadata.mtime_nsec()
    ));
    if metadata.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| walk(&entry.path(), lines));
    }
}

fn hash(path: &Path) -> String {
    fs::read(path).map(|bytes| format!("{:x?}", Sha256::digest(bytes))).unwrap_or_default()
}
