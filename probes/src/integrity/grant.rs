//! What an administrator types so that hostward may read a file.

use crate::Host;
use nix::unistd::{Gid, Group};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

const GROUP_READS: u32 = 0o040;
const OTHERS_PASS: u32 = 0o001;

/// A group that may read the file outlasts its being replaced, as `/etc/shadow` is; a list of its own does not.
pub fn line(host: &Host, path: &str) -> String {
    match group(host, path) {
        Some(group) => format!("usermod -aG {group} hostward && systemctl restart hostward"),
        None => access_list(host, path),
    }
}

/// Not root's: who is in it may do more than read.
fn group(host: &Host, path: &str) -> Option<String> {
    let file = host.path(path).metadata().ok().filter(|_| host.is_live())?;
    let may_read = file.permissions().mode() & GROUP_READS != 0 && file.gid() != 0;
    let group = Group::from_gid(Gid::from_raw(file.gid())).ok().flatten().filter(|_| may_read)?;
    Some(group.name)
}

/// The file, and the directories on the way that let nobody through; `X` is the right to enter one.
fn access_list(host: &Host, path: &str) -> String {
    let is_closed = |directory: &&Path| {
        let mode = host.path(&directory.to_string_lossy()).metadata().map(|found| found.permissions().mode());
        mode.map_or(true, |mode| mode & OTHERS_PASS == 0)
    };
    let mut closed: Vec<_> = Path::new(path).ancestors().skip(1).filter(is_closed).map(quoted).collect();
    closed.reverse();
    let enter = if closed.is_empty() {
        String::new()
    } else {
        format!("setfacl -m u:hostward:x {} && ", closed.join(" "))
    };
    format!("{enter}setfacl -m u:hostward:rX {}", quoted(Path::new(path)))
}

/// As one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use std::fs::{Permissions, set_permissions};

    #[test]
    fn closed_directories_are_opened_on_the_way() {
        let tree = Tree::new(&[("/etc/it's", ""), ("/root/.ssh/keys", "")]);
        let host = tree.host();
        set_permissions(host.path("/root"), Permissions::from_mode(0o700)).unwrap();
        set_permissions(host.path("/root/.ssh"), Permissions::from_mode(0o700)).unwrap();
        for open in ["/", "/etc"] {
            set_permissions(host.path(open), Permissions::from_mode(0o755)).unwrap();
        }
        assert_eq!(line(&host, "/etc/it's"), r"setfacl -m u:hostward:rX '/etc/it'\''s'");
        assert_eq!(
            line(&host, "/root/.ssh/keys"),
            "setfacl -m u:hostward:x '/root' '/root/.ssh' && setfacl -m u:hostward:rX '/root/.ssh/keys'"
        );
    }
}
