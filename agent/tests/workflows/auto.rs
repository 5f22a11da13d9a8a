//! Fixes that the administrator allowed by name: applied without anybody, and left in place only if the metric says that they
//! helped.

use super::play::{await_end, said, shown};
use super::process::{Process, daemon, prepare};
use super::support::{Scratch, ask, eventually, hostward, printed};
use serde_json::Value;
use std::process::Stdio;

const ENDS: &str = "calm_nice < 10";
/// An alert that no priority ends.
const STAYS: &str = "calm_nice >= 0";

/// What answers the alerts, the oldest first.
fn fixes(scratch: &Scratch) -> Vec<Value> {
    let all = said(scratch, &["outbox", "list"])["artifacts"].as_array().unwrap().clone();
    all.into_iter().rev().filter(|own| own["playbook"] == "runaway-process").collect()
}

/// Writes what is allowed, and gives the words that apply it.
fn allow(scratch: &Scratch, text: &str) -> Vec<String> {
    let file = scratch.path("etc/hostward.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let config = config.split("[outbox]").next().unwrap().to_owned();
    std::fs::write(file, format!("{config}[outbox]\n{text}")).unwrap();
    ["apply", "--allowed", "--vault"]
        .map(str::to_owned)
        .into_iter()
        .chain([scratch.path("vault").display().to_string()])
        .collect()
}

/// Applies what is allowed, to the end; gives what it complained of.
fn apply(scratch: &Scratch, text: &str) -> String {
    let words = allow(scratch, text);
    let output = ask(scratch, &words.iter().map(String::as_str).collect::<Vec<_>>());
    printed(&output).1
}

fn run_of(scratch: &Scratch, artifact: &Value) -> String {
    let runs = said(scratch, &["workflow", "list"])["runs"].as_array().unwrap().clone();
    let mut ids = runs.iter().map(|own| own["id"].as_str().unwrap());
    ids.find(|id| shown(scratch, id)["inputs"]["artifact"] == artifact["id"]).unwrap().to_owned()
}

/// What the audit log has of an artifact, the oldest first.
fn steps(scratch: &Scratch, artifact: &Value) -> Vec<String> {
    let log = said(scratch, &["audit-log", "list"])["entries"].as_array().unwrap().clone();
    let id = artifact["id"].as_str().unwrap();
    let own = log.iter().rev().filter(|own| own["object"].as_str().unwrap().starts_with(id));
    own.map(|own| own["verb"].as_str().unwrap().replacen("outbox ", "", 1)).collect()
}

#[test]
fn what_is_allowed_by_name_is_applied_and_verified_and_nothing_else_is() {
    let (scratch, process) = (Scratch::new("workflow-auto"), Process::start());
    prepare(&scratch, &process, &[("CpuBusy", ENDS)]);
    let _daemon = daemon(&scratch);
    eventually("the fix", || !fixes(&scratch).is_empty());
    assert!(apply(&scratch, "auto = []\n").contains("outbox.auto allows nothing"));
    apply(&scratch, "auto = [\"full-filesystem\"]\n");
    let none = "auto = [\"runaway-process\"]\nauto_per_hour_max = 0\n";
    assert!(apply(&scratch, none).contains("auto_per_hour_max is reached"));
    assert_eq!((process.nice(), fixes(&scratch)[0]["state"].as_str().unwrap()), (0, "proposed"));
    let complaint = apply(&scratch, "auto = [\"runaway-process\"]\n");
    assert!(process.nice() == 15 && complaint.contains("helped, and stands"), "{complaint}");
    let fix = fixes(&scratch)[0].clone();
    await_end(&scratch, &run_of(&scratch, &fix), "done");
    assert_eq!(fixes(&scratch)[0]["state"], "verified");
    let log = said(&scratch, &["audit-log", "list"])["entries"].as_array().unwrap().clone();
    let quiet = log.iter().find(|own| own["verb"] == "alert acknowledged").unwrap();
    assert!(quiet["reason"].as_str().unwrap().ends_with("is being applied"), "{quiet}");
}

/// One that is seen not to help, and one whose process is killed while it is on trial.
#[test]
fn what_does_not_help_is_undone_counted_and_told() {
    if !nix::unistd::geteuid().is_root() {
        // Only root can give a priority back.
        return;
    }
    let (scratch, process) = (Scratch::new("workflow-unhelpful"), Process::start());
    prepare(&scratch, &process, &[("CpuBusy", STAYS), ("CpuSaturated", STAYS)]);
    let _daemon = daemon(&scratch);
    eventually("the fixes", || fixes(&scratch).len() == 2);
    let words = allow(&scratch, "auto = [\"runaway-process\"]\nauto_wait = \"6s\"\n");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut killed = hostward(&scratch, &words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("to be applied", || process.nice() == 15);
    killed.kill().unwrap();
    killed.wait().unwrap();
    // Goes on with what is on trial, then with the other one.
    let output = ask(&scratch, &words);
    assert!(output.status.code() == Some(1) && process.nice() == 0, "{:?}", printed(&output));
    for fix in fixes(&scratch) {
        assert_eq!(fix["state"], "failed");
        await_end(&scratch, &run_of(&scratch, &fix), "failed");
        let steps = steps(&scratch, &fix);
        let is_whole = steps.starts_with(&["approved", "applying"].map(str::to_owned));
        assert!(is_whole && steps.ends_with(&["undoing", "failed"].map(str::to_owned)), "{steps:?}");
    }
    let own = fixes(&scratch)[1]["alert"].clone();
    let is_told = || {
        let all = said(&scratch, &["alerts", "list"])["alerts"].as_array().unwrap().clone();
        let alert = all.into_iter().find(|alert| alert["id"] == own).unwrap();
        alert["state"] == "firing" && alert["acknowledged"].is_null()
    };
    eventually("the quiet to end", is_told);
}
