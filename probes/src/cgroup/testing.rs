//! Trees of control groups for tests.

use crate::testing::exposition;
use crate::{Host, Spec};
use hostward_model::Batch;
use std::fs;
use std::path::PathBuf;

/// A root of its own with files in it, gone with the value.
pub struct Tree(pub PathBuf);

impl Tree {
    /// A line for each file: its path and its text, in which a bar stands for the end of a line.
    pub fn new(name: &str, files: &str) -> Self {
        let root = std::env::temp_dir().join(format!("hostward-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let tree = Tree(root);
        tree.write(files);
        tree
    }

    pub fn write(&self, files: &str) {
        for line in files.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (path, text) = line.split_once(' ').unwrap_or((line, ""));
            let path = self.0.join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace('|', "\n")).unwrap();
        }
    }

    /// What one run of a fresh instance says.
    pub fn shown(&self, spec: &Spec) -> String {
        let mut batch = Batch::new();
        let result = spec.instance().collect(&mut Host::new(&self.0), &mut batch);
        exposition(&batch)
            + &result.map_or_else(|fault| format!("fault {}: {fault}\n", fault.reason()), |()| String::new())
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
