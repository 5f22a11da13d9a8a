//! Which files are meant: those that are named, and those that lie below a directory.

use super::source::STDIN;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Files that one call takes.
const FILES_MAX: usize = 100_000;
/// What the name of a file ends in to be taken from a directory.
const SUFFIXES: [&str; 4] = [".csv", ".csv.gz", ".tsv", ".tsv.gz"];

/// A file to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it is; `-` for standard input.
    pub path: PathBuf,
    /// What it is called below the directory that was named, or as it was named itself: relative, without `..`.
    pub name: PathBuf,
}

/// The files that `paths` mean, in the order of the words and then of the names. `but_not` is a directory that is not looked into.
pub fn find(paths: &[PathBuf], but_not: Option<&Path>) -> Result<Vec<Input>, String> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() != STDIN && path.is_dir() {
            let before = found.len();
            below(path, but_not.and_then(|dir| dir.canonicalize().ok()).as_deref(), &mut found)?;
            if found.len() == before {
                return Err(format!("{}: no file in it ends in {}", path.display(), SUFFIXES.join(", ")));
            }
        } else {
            found.push(Input { path: path.clone(), name: name(path) });
        }
    }
    Ok(found)
}

/// A relative path stays as it is; of any other, the last word counts.
fn name(path: &Path) -> PathBuf {
    let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if inside {
        path.components().filter(|part| *part != Component::CurDir).collect()
    } else {
        path.file_name().map(PathBuf::from).unwrap_or_default()
    }
}

fn below(root: &Path, but_not: Option<&Path>, found: &mut Vec<Input>) -> Result<(), String> {
    let mut waiting = vec![root.to_owned()];
    let first = found.len();
    while let Some(dir) = waiting.pop() {
        if but_not.is_some_and(|skipped| dir.canonicalize().is_ok_and(|dir| dir == skipped)) {
            continue;
        }
        let failed = |error| format!("{}: {error}", dir.display());
        for entry in fs::read_dir(&dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // Links to directories are not followed: they can lead in circles.
            if entry.file_type().map_err(failed)?.is_dir() {
                waiting.push(entry.path());
            } else if is_series(&entry.path()) {
                let name = entry.path().strip_prefix(root).map(Path::to_owned).unwrap_or_default();
                found.push(Input { path: entry.path(), name });
            }
        }
        if found.len() > FILES_MAX {
            return Err(format!("{}: over {FILES_MAX} files; name a part of them", root.display()));
        }
    }
    found[first..].sort_by(|one, other| one.name.cmp(&other.name));
    Ok(())
}

fn is_series(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) && path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;

    #[test]
    fn names_stay_below_what_was_named() {
        for (path, expected) in [
            ("a/b.csv", "a/b.csv"),
            ("./a.csv", "a.csv"),
            ("/x/a.csv", "a.csv"),
            ("../a.csv", "a.csv"),
            ("-", "-"),
        ] {
            assert_eq!(name(Path::new(path)), Path::new(expected), "{path}");
        }
    }

    #[test]
    fn a_directory_gives_its_series_in_order() {
        let scratch = Scratch::new("inputs");
        for file in ["b.csv", "a/c.tsv.gz", "a/x.txt", "out/b.csv"] {
            let path = scratch.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        std::os::unix::fs::symlink(scratch.path(), scratch.path().join("a/loop")).unwrap();
        let found = find(&[scratch.path().to_owned()], Some(&scratch.path().join("out"))).unwrap();
        let names: Vec<_> = found.iter().map(|input| input.name.display().to_string()).collect();
        assert_eq!(names, ["a/c.tsv.gz", "b.csv"]);
        fs::create_dir(scratch.path().join("none")).unwrap();
        assert!(find(&[scratch.path().join("none")], None).unwrap_err().contains(".csv"));
    }
}
