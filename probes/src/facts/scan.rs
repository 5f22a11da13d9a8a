//! Files that anybody may write, directories where anybody may delete, files that belong to nobody: a walk over the
//! local file system of the root, which other file systems mounted below it are not a part of.

use super::files::Names;
use super::walk::{Seen, walk};
use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use rustix::fs::FileType;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Findings of one kind that are kept: whoever has more has one cause for them.
const FINDINGS_MAX: usize = 1000;

/// Where files of containers lie: they have users of their own, and who may write there is decided above.
const CONTAINERS: [&str; 4] =
    ["/var/lib/docker", "/var/lib/containers/storage", "/var/lib/containerd", "/var/lib/kubelet/pods"];

pub static READER: Reader = Reader {
    area: "scan",
    about: "files that are world-writable, directories without the sticky bit that are, and files without an owner; not those of \
            containers",
    reads: &["/"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    let (users, groups) = (Names::read(image, "/etc/passwd")?, Names::read(image, "/etc/group")?);
    let enters = |path: &Path| !CONTAINERS.iter().any(|own| path == Path::new(own));
    let visit = |state: &Seen, path: &dyn Fn() -> PathBuf| findings(state, path, &users, &groups);
    let mut seen = walk(&image.root, image.walk, &enters, &visit)?;
    // Threads have no order.
    seen.sort_unstable_by(|a, b| (&a.key, &a.scope).cmp(&(&b.key, &b.scope)));
    let mut kept: BTreeMap<String, usize> = BTreeMap::new();
    seen.retain(|fact| {
        let count = kept.entry(fact.key.clone()).or_default();
        *count += 1;
        *count <= FINDINGS_MAX
    });
    found.extend(seen)
}

fn findings(state: &Seen, path: &dyn Fn() -> PathBuf, users: &Names, groups: &Names) -> Vec<Fact> {
    let (mode, kind) = (state.mode, state.kind);
    let writable = mode & 0o002 != 0;
    let found = [
        ("world-writable", kind == FileType::RegularFile && writable),
        ("not-sticky", kind == FileType::Directory && writable && mode & 0o1000 == 0),
        ("unowned", !users.has(state.uid) || !groups.has(state.gid)),
    ];
    let found = found.into_iter().filter(|(_, found)| *found).map(|(key, _)| key);
    let fact = |key| {
        let path = path().display().to_string();
        Fact::new(key, format!("{mode:04o}"), Origin::file(&path)).within(path)
    };
    found.map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    #[test]
    fn what_anybody_may_write() {
        let tree = Tree::new(&[
            ("/srv/open", ""),
            ("/srv/closed", ""),
            ("/drop/x", ""),
            ("/tmp/x", ""),
            ("/var/lib/docker/open", ""),
        ]);
        let modes = [
            ("/srv/open", 0o666),
            ("/drop", 0o777),
            ("/tmp", 0o1777),
            ("/srv", 0o755),
            ("/var/lib/docker/open", 0o666),
        ];
        for (path, mode) in modes {
            set_permissions(tree.path(path), Permissions::from_mode(mode)).unwrap();
        }
        tree.link("/srv/link", "/srv/open");
        let own = std::fs::metadata(tree.path("/srv")).unwrap();
        tree.write("/etc/passwd", format!("a:x:{}:0\n", own.uid()));
        tree.write("/etc/group", format!("a:x:{}:\n", own.gid()));
        let host = tree.host();
        let mut found = Found::new(usize::MAX);
        read(&Image::new(&host).unwrap(), &mut found).unwrap();
        let facts = found.facts();
        let seen: Vec<_> = facts.iter().map(|fact| (fact.key.as_str(), fact.scope.as_str())).collect();
        assert_eq!(seen, [("not-sticky", "/drop"), ("world-writable", "/srv/open")]);
    }
}
