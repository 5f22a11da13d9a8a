//! The conformance cases of OpenMetrics: what must be read is, what must be refused is.
//!
//! `openmetrics/valid` and `openmetrics/bad` hold a part of them. `OPENMETRICS_CASES` can name a directory of all: one directory
//! for each case with a file `metrics`, named `bad_…` if it must be refused.

use hostward_formats::exposition::{Format, read};
use std::fs;
use std::path::{Path, PathBuf};

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory)
        .expect("a case that can be read")
        .map(|entry| entry.expect("a case that can be read").path())
        .collect();
    paths.sort();
    paths
}

/// What is wrong with the verdict on a case, if anything.
fn wrong(path: &Path, must_read: bool) -> Option<String> {
    let bytes = fs::read(path).expect("a case that can be read");
    let read = std::str::from_utf8(&bytes)
        .map_err(|error| error.to_string())
        .and_then(|text| read(text, Format::OpenMetrics).map_err(|error| error.to_string()));
    match read {
        Err(why) if must_read => Some(format!("{}: {why}", path.display())),
        Ok(_) if !must_read => Some(format!("{} is read", path.display())),
        _ => None,
    }
}

#[test]
fn cases_are_read_or_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openmetrics");
    let (valid, bad) = (files(&root.join("valid")), files(&root.join("bad")));
    assert_eq!((valid.len(), bad.len()), (44, 60));
    let mistakes = valid
        .iter()
        .filter_map(|path| wrong(path, true))
        .chain(bad.iter().filter_map(|path| wrong(path, false)));
    assert_eq!(mistakes.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn all_cases_are_read_or_refused_if_they_are_there() {
    let Some(root) = std::env::var_os("OPENMETRICS_CASES") else { return };
    let cases = files(Path::new(&root));
    let is_bad = |path: &Path| {
        path.file_name().expect("a case that can be read").to_string_lossy().starts_with("bad_")
    };
    let mistakes: Vec<String> =
        cases.iter().filter_map(|path| wrong(&path.join("metrics"), !is_bad(path))).collect();
    assert_eq!(mistakes, Vec::<String>::new(), "of {} cases", cases.len());
}
