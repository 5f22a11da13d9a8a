//! The directory in which files are opened one after the other.

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::Mode;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The directory of the file that was opened last.
///
/// A name below an open directory is found in less than half the time of a whole path. The directory itself is opened
/// for its second file only, because many have but one that is read.
#[derive(Default)]
pub struct Directory {
    path: String,
    handle: Option<OwnedFd>,
    /// Scratch for a path below the root.
    real_path: PathBuf,
}

impl Directory {
    /// Opens the file at `path`, which starts with `/` as seen from `root`.
    pub fn open_file(&mut self, root: &Path, path: &str) -> io::Result<File> {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        if directory != self.path {
            self.forget();
            self.path.push_str(directory);
            return File::open(self.below(root, path));
        }
        let handle = match self.handle.take() {
            Some(handle) => handle,
            // The right to list it is not needed.
            None => open(self.below(root, directory), OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?,
        };
        let file = openat(&handle, name, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty());
        self.handle = Some(handle);
        file.map(File::from).map_err(Errno::into)
    }

    /// Closes the directory: one of the same name may come in its place.
    pub fn forget(&mut self) {
        self.path.clear();
        self.handle = None;
    }

    fn below(&mut self, root: &Path, path: &str) -> &Path {
        self.real_path.as_mut_os_string().clear();
        self.real_path.push(root);
        self.real_path.push(path.trim_start_matches('/'));
        &self.real_path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use std::io::Read;

    /// What a file says; nothing when it is not there.
    fn text(directory: &mut Directory, root: &Path, path: &str) -> Option<String> {
        let mut text = String::new();
        directory.open_file(root, path).ok()?.read_to_string(&mut text).unwrap();
        Some(text)
    }

    #[test]
    fn one_of_the_same_name_is_seen_after_forgetting() {
        let (tree, mut directory) = (Tree::new(&[]), Directory::default());
        let root = tree.path("/");
        for turn in ["first", "second"] {
            ["/d/a", "/d/b", "/d/c"].iter().for_each(|path| tree.write(path, format!("{turn} {path}")));
            directory.forget();
            for path in ["/d/a", "/d/b", "/d/c"] {
                assert_eq!(text(&mut directory, &root, path).unwrap(), format!("{turn} {path}"));
            }
            assert_eq!(text(&mut directory, &root, "/d/none"), None);
            assert!(directory.handle.is_some());
            std::fs::remove_dir_all(tree.path("/d")).unwrap();
            assert_eq!(text(&mut directory, &root, "/d/a"), None);
        }
        assert_eq!(text(&mut directory, &root, "/x/a"), None);
        assert_eq!(text(&mut directory, &root, "/x/b"), None);
    }
}
