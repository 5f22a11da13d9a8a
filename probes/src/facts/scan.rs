//! Files that anybody may write, directories where anybody may delete, files that belong to nobody: a walk over the
//! local file system of the root, which other file systems mounted below it are not a part of.

use super::files::Names;
use super::image::refused;
use super::{Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::VecDeque;
use std::os::unix::fs::MetadataExt;

/// A host with more files than this is not walked to the end, and what was not seen is said.
const FILES_MAX: usize = 3_000_000;
/// Findings of one kind that are kept: whoever has more has one cause for them.
const FINDINGS_MAX: usize = 1000;

pub static READER: Reader = Reader {
    area: "scan",
    about: "files that are world-writable, directories without the sticky bit that are, and files without an owner",
    reads: &["/"],
    read,
};

fn read(image: &Image<'_>) -> Result<Vec<Fact>, Fault> {
    let root = image.state("/")?;
    let (users, groups) = (Names::read(image, "/etc/passwd"), Names::read(image, "/etc/group"));
    let (mut facts, mut left) = (Vec::new(), VecDeque::from([image.host.root().to_owned()]));
    let mut seen = 0;
    while let Some(directory) = left.pop_front() {
        // What goes away or may not be listed while it is walked is passed over, as find(1) does.
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            let Ok(state) = entry.metadata() else { continue };
            seen += 1;
            if seen > FILES_MAX {
                return Err(refused("/", &format!("more than {FILES_MAX} files")));
            }
            let other_file_system = state.dev() != root.dev();
            if state.is_symlink() || other_file_system {
                continue;
            }
            if facts.len() < FINDINGS_MAX {
                let path = entry.path();
                let shown = path.strip_prefix(image.host.root()).unwrap_or(&path);
                facts.extend(findings(&state, &format!("/{}", shown.display()), &users, &groups));
            }
            if state.is_dir() {
                left.push_back(entry.path());
            }
        }
    }
    Ok(facts)
}

fn findings(state: &std::fs::Metadata, path: &str, users: &Names, groups: &Names) -> Vec<Fact> {
    let mode = state.mode() & 0o7777;
    let writable = mode & 0o002 != 0;
    let found = [
        ("world-writable", state.is_file() && writable),
        ("not-sticky", state.is_dir() && writable && mode & 0o1000 == 0),
        ("unowned", !users.has(state.uid()) || !groups.has(state.gid())),
    ];
    let found = found.into_iter().filter(|(_, found)| *found);
    found.map(|(key, _)| Fact::new(key, format!("{mode:04o}"), Origin::file(path)).within(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_anybody_may_write() {
        let tree = Tree::new(&[("/srv/open", ""), ("/srv/closed", ""), ("/drop/x", ""), ("/tmp/x", "")]);
        for (path, mode) in [("/srv/open", 0o666), ("/drop", 0o777), ("/tmp", 0o1777), ("/srv", 0o755)] {
            set_permissions(tree.path(path), Permissions::from_mode(mode)).unwrap();
        }
        tree.link("/srv/link", "/srv/open");
        let own = std::fs::metadata(tree.path("/srv")).unwrap();
        tree.write("/etc/passwd", format!("a:x:{}:0\n", own.uid()));
        tree.write("/etc/group", format!("a:x:{}:\n", own.gid()));
        let host = tree.host();
        let facts = read(&Image::new(&host).unwrap()).unwrap();
        let mut seen: Vec<_> = facts.iter().map(|fact| (fact.key.as_str(), fact.scope.as_str())).collect();
        seen.sort_unstable();
        assert_eq!(seen, [("not-sticky", "/drop"), ("world-writable", "/srv/open")]);
    }
}
