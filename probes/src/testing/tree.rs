//! Small trees of files that stand for a host.

use super::shown;
use crate::{Host, Spec};
use hostward_model::Batch;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A root of its own below the temporary directory, removed when dropped.
pub struct Tree(PathBuf);

impl Tree {
    /// Files by path and text.
    pub fn new(files: &[(&str, &str)]) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let unique = format!("{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let root = std::env::temp_dir().join(format!("hostward-tree-{unique}"));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        let tree = Tree(root);
        files.iter().for_each(|(path, text)| tree.write(path, text));
        tree
    }

    /// A line for each file: its path and its text, in which a bar stands for the end of a line.
    pub fn of_lines(lines: &str) -> Self {
        let tree = Tree::new(&[]);
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (path, text) = line.split_once(' ').unwrap_or((line, ""));
            tree.write(path, text.replace('|', "\n"));
        }
        tree
    }

    /// Writes one file more, or again.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Makes a directory and those above it.
    pub fn directory(&self, path: &str) {
        fs::create_dir_all(self.path(path)).unwrap();
    }

    /// Makes a link that says `target`, as it is.
    pub fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    /// Where `path` really is.
    pub fn path(&self, path: &str) -> PathBuf {
        self.0.join(path.trim_start_matches('/'))
    }

    /// The tree as a host.
    pub fn host(&self) -> Host {
        Host::new(&self.0)
    }

    /// What one run of a fresh instance says.
    pub fn shown(&self, spec: &Spec) -> String {
        let mut batch = Batch::new();
        let result = spec.instance().collect(&mut self.host(), &mut batch);
        shown(&batch, result)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
