//! Writes artifacts into a tree of files. Links on the way stay below the root of the tree: an image of a hostile host
//! must not lead to this one's files. A file that takes the place of another belongs to whom that one belonged to.

use hostward_harden::config::Entry;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, OpenHow, ResolveFlag, open, openat, openat2};
use nix::sys::stat::{Mode, fchmod, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, symlinkat, unlinkat};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

/// Directories that are made for artifacts.
const DIRECTORY_MODE: Mode = Mode::from_bits_truncate(0o755);

/// Puts one entry at a path below `root`, in the place of what is there.
pub fn lay(root: &Path, path: &str, entry: &Entry) -> io::Result<()> {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    match entry {
        Entry::Mode(mode) => chmod(root, path, *mode),
        Entry::Directory(mode) => directories(root, path).and_then(|_| chmod(root, path, *mode)),
        Entry::Absent => cleared(&directories(root, directory)?, name),
        Entry::Link(target) => {
            let directory = directories(root, directory)?;
            cleared(&directory, name)?;
            Ok(symlinkat(target.as_str(), &directory, name)?)
        }
        Entry::File(text, mode) => {
            let directory = directories(root, directory)?;
            let before = fstatat(&directory, name, AtFlags::AT_SYMLINK_NOFOLLOW).ok();
            cleared(&directory, name)?;
            let file = write(&directory, name, text, *mode)?;
            before.map_or(Ok(()), |own| given(&file, own.st_uid, own.st_gid))
        }
    }
}

fn cleared(directory: &OwnedFd, name: &str) -> io::Result<()> {
    match unlinkat(directory, name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The mode of what is there, whatever links lead to it.
fn chmod(root: &Path, path: &str, mode: u32) -> io::Result<()> {
    let top = open(root, OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let how = OpenHow::new().flags(flags).resolve(ResolveFlag::RESOLVE_IN_ROOT);
    let file = openat2(&top, path, how)?;
    Ok(fchmod(&file, Mode::from_bits_truncate(mode))?)
}

/// The directory at a path, made if it is not there.
pub fn directories(root: &Path, path: &str) -> io::Result<OwnedFd> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let top = open(root, flags, Mode::empty())?;
    let how = OpenHow::new().flags(flags).resolve(ResolveFlag::RESOLVE_IN_ROOT);
    let mut reached = String::from(".");
    let mut at = openat2(&top, ".", how)?;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        reached = format!("{reached}/{name}");
        at = match openat2(&top, reached.as_str(), how) {
            Err(Errno::ENOENT) => {
                mkdirat(&at, name, DIRECTORY_MODE)?;
                openat2(&top, reached.as_str(), how)?
            }
            opened => opened?,
        };
    }
    Ok(at)
}

/// Only root can give a file away; whoever is not has it, as the one before.
fn given(file: &File, user: u32, group: u32) -> io::Result<()> {
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (user, group) { Ok(()) } else { fchown(file, Some(user), Some(group)) }
}

fn write(directory: &OwnedFd, name: &str, text: &str, mode: u32) -> io::Result<File> {
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut file = File::from(openat(directory, name, flags, Mode::from_bits_truncate(0o600))?);
    file.write_all(text.as_bytes())?;
    // The mask of the process does not count.
    fchmod(&file, Mode::from_bits_truncate(mode))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn nothing_is_written_outside_of_the_root() {
        let scratch = Scratch::new("lay");
        let (root, outside) = (scratch.path().join("root"), scratch.path().join("outside"));
        fs::create_dir_all(root.join("etc")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        symlink(&outside, root.join("etc/away")).unwrap();
        let file = Entry::File("text\n".to_owned(), 0o640);
        lay(&root, "/etc/x.d/own.conf", &file).unwrap();
        assert_eq!(fs::read_to_string(root.join("etc/x.d/own.conf")).unwrap(), "text\n");
        assert_eq!(fs::metadata(root.join("etc/x.d/own.conf")).unwrap().permissions().mode() & 0o7777, 0o640);
        // The link leads to a path below the root, which is not there.
        assert!(lay(&root, "/etc/away/own.conf", &file).is_err());
        assert!(!outside.join("own.conf").exists());
        lay(&root, "/etc/x.d/own.conf", &Entry::Link("../a".to_owned())).unwrap();
        assert_eq!(fs::read_link(root.join("etc/x.d/own.conf")).unwrap(), Path::new("../a"));
        lay(&root, "/etc/x.d/own.conf", &Entry::Absent).unwrap();
        lay(&root, "/etc/x.d/own.conf", &Entry::Absent).unwrap();
        assert!(!root.join("etc/x.d/own.conf").exists());
    }
}
