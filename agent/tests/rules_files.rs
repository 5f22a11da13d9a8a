//! Rule files and their unit tests: hostward's verdicts beside promtool's, where promtool is installed.
//!
//! The files under `tests/rules` say by their names what promtool 2.42 said of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Scratch, ask, printed};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Whether promtool is content; nothing when it is not installed.
fn promtool(words: &[&str], file: &Path) -> Option<bool> {
    let output = Command::new("promtool").args(words).arg(file).output();
    output.ok().map(|output| output.status.success())
}

/// What hostward, promtool and the name of the file say.
fn compare(name: &str, own: bool, theirs: Option<bool>, named: bool, said: &str) -> Option<String> {
    let word = |verdict: bool| if verdict { "good" } else { "bad" };
    println!("{name:30} hostward {:5} promtool {}", word(own), theirs.map_or("absent", word));
    let agree = own == named && theirs.is_none_or(|theirs| theirs == own);
    (!agree).then(|| format!("{name}: hostward says {}, promtool {theirs:?}\n{said}", word(own)))
}

#[test]
fn broken_rule_files_get_promtools_verdict() {
    let mut wrong = Vec::new();
    for file in files("broken") {
        let scratch = Scratch::new("broken");
        scratch.write("rules/a.yml", &std::fs::read_to_string(&file).unwrap());
        let dirs = scratch.path("rules").display().to_string();
        scratch.write("etc/hostward.toml", &format!("[rules]\nbuiltin = false\ndirs = [{dirs:?}]\n"));
        let output = ask(&scratch, &["check-config"]);
        let said = printed(&output).1;
        let theirs = promtool(&["check", "rules"], &file);
        let named = name(&file).starts_with("ok-");
        wrong.extend(compare(&name(&file), output.status.success(), theirs, named, &said));
        assert!(named || said.contains("a.yml:"), "{}: no file and line in {said}", name(&file));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unit_tests_get_promtools_verdict() {
    let scratch = Scratch::new("unit");
    let mut wrong = Vec::new();
    for file in files("unit") {
        let output = ask(&scratch, &["rules", "test", &file.display().to_string()]);
        let (said, messages) = printed(&output);
        let theirs = promtool(&["test", "rules"], &file);
        let named = name(&file).starts_with("pass-");
        wrong.extend(compare(&name(&file), output.status.success(), theirs, named, &(said + &messages)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
