//! Tells builds of the child apart: the daemon starts the program beside it only if that was made from the same sources.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut hasher = DefaultHasher::new();
    for dir in ["src", "../abi/src"] {
        println!("cargo::rerun-if-changed={dir}");
        add(&root.join(dir), &mut hasher);
    }
    println!("cargo::rustc-env=HOSTWARD_PLUGIN_HOST_BUILD={:016x}", hasher.finish());
}

/// Names and texts of all files, in the order of their names.
fn add(dir: &Path, hasher: &mut DefaultHasher) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => add(&path, hasher),
            false => (path.file_name(), fs::read(&path).unwrap_or_default()).hash(hasher),
        }
    }
}
