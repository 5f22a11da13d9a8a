//! The rules that come with hostward are Prometheus' rules: its own tool accepts them.

use hostward_xtask::root;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn files(dir: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(dir)).expect("content");
    let files = entries.map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.extension().is_some_and(|own| own == ending)).collect()
}

#[test]
fn promtool_accepts_every_rule_file() {
    let files = files("content/rules", "yml");
    assert!(files.len() >= 5, "{files:?}");
    let output = Command::new("promtool").args(["check", "rules"]).args(&files).output();
    let output = output.expect("promtool, from the Debian package prometheus");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn every_playbook_that_a_rule_names_is_there() {
    let playbooks = files("content/playbooks", "sh");
    let known: Vec<_> = playbooks.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
    let mut named = 0;
    for file in files("content/rules", "yml") {
        let text = fs::read_to_string(&file).unwrap();
        for playbook in text.lines().filter_map(|line| line.trim().strip_prefix("playbook: ")) {
            assert!(known.contains(&playbook), "{}: no playbook {playbook:?} in {known:?}", file.display());
            named += 1;
        }
    }
    assert!(named > 0, "no rule names a playbook");
}
