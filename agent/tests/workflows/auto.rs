//! A fix that the administrator allowed by name: applied without anybody, verified by the metric.

use super::play::{await_end, said};
use super::process::{Process, daemon, prepare};
use super::support::{Scratch, ask, eventually, printed};

#[test]
fn what_is_allowed_by_name_is_applied_and_verified_and_nothing_else_is() {
    let (scratch, process) = (Scratch::new("workflow-auto"), Process::start());
    prepare(&scratch, &process, "");
    let _daemon = daemon(&scratch);
    let fixes = || {
        let all = said(&scratch, &["outbox", "list"])["artifacts"].as_array().unwrap().clone();
        all.into_iter().filter(|own| own["playbook"] == "runaway-process").collect::<Vec<_>>()
    };
    eventually("the fix", || !fixes().is_empty());
    let vault = scratch.path("vault").display().to_string();
    let apply = || printed(&ask(&scratch, &["apply", "--allowed", "--vault", &vault])).1;
    assert!(apply().contains("outbox.auto allows nothing"));
    let allow = |text: &str| {
        let file = scratch.path("etc/hostward.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        let config = config.split("[outbox]").next().unwrap().to_owned();
        std::fs::write(file, format!("{config}[outbox]\n{text}")).unwrap();
    };
    allow("auto = [\"full-filesystem\"]\n");
    apply();
    allow("auto = [\"runaway-process\"]\nauto_per_hour_max = 0\n");
    assert!(apply().contains("auto_per_hour_max is reached"));
    assert_eq!((process.nice(), fixes()[0]["state"].as_str().unwrap()), (0, "proposed"));
    allow("auto = [\"runaway-process\"]\n");
    let complaint = apply();
    assert_eq!(process.nice(), 15, "{complaint}");
    let runs = said(&scratch, &["workflow", "list"])["runs"].as_array().unwrap().clone();
    assert_eq!(runs.len(), 1);
    await_end(&scratch, runs[0]["id"].as_str().unwrap(), "done");
    assert_eq!(fixes()[0]["state"], "verified");
    let log = said(&scratch, &["audit-log", "list"])["entries"].as_array().unwrap().clone();
    let quiet = log.iter().find(|own| own["verb"] == "alert acknowledged").unwrap();
    assert!(quiet["reason"].as_str().unwrap().ends_with("is being applied"), "{quiet}");
}
