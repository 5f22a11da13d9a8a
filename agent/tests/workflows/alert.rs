//! An alert, a script that somebody approves, root who applies it, and the metric that comes back; the daemon is killed on
//! the way.

use super::play::{await_end, await_step, events, gave, said, shown, standing, start};
use super::process::{Process, daemon, prepare};
use super::support::{Scratch, ask, eventually, printed};
use nix::sys::signal::Signal;

#[test]
fn an_alert_is_answered_approved_applied_and_over_though_the_daemon_is_killed() {
    let (scratch, process) = (Scratch::new("workflow-alert"), Process::start());
    prepare(&scratch, &process, &[("CpuBusy", "calm_nice < 10")]);
    let mut first = daemon(&scratch);
    let run = start(&scratch, "alert-to-resolved", &[("alert", "CpuBusy")]);
    await_step(&scratch, &run, "propose");
    let artifact = gave(&scratch, &run, "propose", "artifact");
    eventually("to wait for a person", || standing(&scratch, &run, "approved") == "running");
    let before = shown(&scratch, &run);
    first.signal(Signal::SIGKILL);
    first.wait();
    let _second = daemon(&scratch);
    assert_eq!(shown(&scratch, &run), before, "it goes on exactly where it was");
    let vault = scratch.path("vault").display().to_string();
    for words in [vec!["outbox", "approve", &artifact], vec!["apply", &artifact, "--vault", &vault]] {
        let output = ask(&scratch, &words);
        assert!(output.status.success(), "{words:?}: {:?}", printed(&output));
    }
    assert_eq!(process.nice(), 15);
    await_end(&scratch, &run, "done");
    let own = said(&scratch, &["outbox", "show", &artifact])["artifact"].clone();
    assert_eq!(own["state"], "verified", "{own}");
    assert!(own["before"].as_str().unwrap().starts_with("calm_nice < 10 is 0"), "{own}");
    let told = events(&scratch, &run);
    let done: Vec<_> = told.iter().filter(|own| own.starts_with("tool-done")).cloned().collect();
    assert_eq!(
        done,
        [
            "tool-done fires await-alert: done",
            "tool-done propose propose: done",
            "tool-done approved await-approval: done",
            "tool-done applied apply: done",
            "tool-done confirmed confirm: done",
            "tool-done verified verify: done",
            "tool-done over await-alert: done",
        ],
        "{told:#?}"
    );
    assert_eq!(said(&scratch, &["audit-log", "verify"])["broken"], serde_json::json!([]));
}

#[test]
fn what_is_cancelled_is_withdrawn() {
    let (scratch, process) = (Scratch::new("workflow-cancel"), Process::start());
    prepare(&scratch, &process, &[("CpuBusy", "calm_nice < 10")]);
    let _daemon = daemon(&scratch);
    let run = start(&scratch, "alert-to-resolved", &[("alert", "CpuBusy")]);
    await_step(&scratch, &run, "propose");
    let artifact = gave(&scratch, &run, "propose", "artifact");
    said(&scratch, &["workflow", "cancel", &run, "--comment", "another way"]);
    await_end(&scratch, &run, "cancelled");
    let own = said(&scratch, &["outbox", "show", &artifact])["artifact"].clone();
    assert_eq!(own["state"], "rejected", "{own}");
    assert!(own["steps"][0]["comment"].as_str().unwrap().ends_with("another way"), "{own}");
    let (_, complaint) = printed(&ask(&scratch, &["workflow", "cancel", &run]));
    assert!(complaint.contains("is under way"), "{complaint}");
    let (_, complaint) = printed(&ask(&scratch, &["workflow", "start", "fly"]));
    assert!(complaint.contains("no workflow is called fly; there are"), "{complaint}");
}
