//! The script in the outbox: there, clean, harmless.

use super::agent::Agent;
use super::fingerprint::fingerprint;
use super::process::output;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The script that answers an alert that fired after `since_s`, if it is in the outbox.
pub fn find(agent: &Agent, alert: &str, since_s: f64) -> Option<PathBuf> {
    let listed = agent.ask(&["outbox", "list"]);
    let artifacts =
        listed.as_array().or_else(|| listed["artifacts"].as_array()).expect("a list of artifacts");
    let answers = |artifact: &&Value| {
        artifact["alert_name"] == alert
            && artifact["created_ms"].as_f64().is_some_and(|ms| ms >= since_s * 1000.0)
    };
    let id = artifacts.iter().find(answers)?["id"].as_str().expect("an id");
    Some(agent.state_dir.join("outbox").join(format!("{id}.sh")))
}

/// Runs it and gives the seconds it took; fails unless it is clean, ends well and changes nothing.
pub fn check(script: &Path, agent: &Agent, scratch: &Path) -> f64 {
    output(Command::new("shellcheck").arg(script));
    let outbox = agent.state_dir.join("outbox");
    let evidence = agent.state_dir.join("evidence");
    let fault = scratch.join("fault");
    let watched = [Path::new("/etc"), Path::new("/var/spool"), &outbox, &evidence, &fault];
    let before = fingerprint(&watched);
    let start = Instant::now();
    let said = output(Command::new("timeout").args(["60", "bash"]).arg(script).current_dir(&fault));
    let took = start.elapsed().as_secs_f64();
    assert!(said.lines().count() >= 5, "{}: says little: {said}", script.display());
    let after = fingerprint(&watched);
    let changed: Vec<_> = before.symmetric_difference(&after).collect();
    assert!(changed.is_empty(), "{} changed: {changed:#?}", script.display());
    took
}
