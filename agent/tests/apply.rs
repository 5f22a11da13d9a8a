//! From a finding to a change of this host, and back: proposed, approved, applied, confirmed, undone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};
use support::{Daemon, Scratch, ask, eventually, printed};

fn said(scratch: &Scratch, arguments: &[&str]) -> (Option<i32>, String) {
    let output = ask(scratch, arguments);
    let (stdout, stderr) = printed(&output);
    (output.status.code(), stdout + &stderr)
}

fn mode(file: &Path) -> u32 {
    std::fs::metadata(file).unwrap().mode() & 0o777
}

fn open_to_all(scratch: &Scratch) -> std::path::PathBuf {
    let file = scratch.write("shared", "text\n");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    file
}

#[test]
fn a_fix_is_proposed_approved_applied_and_undone() {
    let scratch = Scratch::new("apply");
    let (file, vault) = (open_to_all(&scratch), scratch.path("vault").display().to_string());
    let _daemon = Daemon::start(&scratch);
    let path = format!("path={}", file.display());
    let (code, text) =
        said(&scratch, &["remediate", "world-writable", "--set", &path, "--propose", "--format", "json"]);
    assert_eq!(code, Some(0), "{text}");
    let proposed: Value = serde_json::from_str(&text).unwrap();
    let id = proposed["artifacts"][0]["id"].as_str().unwrap();
    let state = |wanted: &str| {
        eventually(wanted, || said(&scratch, &["outbox", "list"]).1.contains(&format!("{id}  {wanted}")));
    };
    let (code, text) = said(&scratch, &["apply", id, "--vault", &vault]);
    assert!(code == Some(2) && text.contains("is not approved"), "{text}");
    let (code, text) = said(&scratch, &["outbox", "approve", id, "--comment", "read it"]);
    assert!(code == Some(0) && text.contains("0666 root root -> 0664"), "{text}");
    assert_eq!(mode(&file), 0o666);
    assert_eq!(said(&scratch, &["apply", id, "--vault", &vault]).0, Some(0));
    assert_eq!(mode(&file), 0o664);
    state("confirmed");
    assert_eq!(said(&scratch, &["rollback", id, "--vault", &vault]).0, Some(0));
    assert_eq!(mode(&file), 0o666);
    state("rolled-back");
    let log = said(&scratch, &["audit-log", "list"]).1;
    for step in ["proposed", "approved", "confirmed", "rolled-back"] {
        assert!(log.contains(&format!("outbox {step}")), "{step} in {log}");
    }
}

/// Nobody confirms, no daemon runs, and the process that applied is gone.
#[test]
fn what_nobody_confirms_undoes_itself() {
    let scratch = Scratch::new("unconfirmed");
    let (file, vault) = (open_to_all(&scratch), scratch.path("vault").display().to_string());
    let (code, script) =
        said(&scratch, &["remediate", "world-writable", "--set", &format!("path={}", file.display())]);
    assert_eq!(code, Some(0), "{script}");
    let sha256: String = Sha256::digest(&script).iter().map(|byte| format!("{byte:02x}")).collect();
    let approved = json!({ "stage": "approved", "at_ms": 0, "by": "ann", "comment": "", "sha256": sha256 });
    let artifact = json!({
        "id": "door", "kind": "fix", "playbook": "world-writable", "alert": "", "alert_name": "", "fired_ms": 0,
        "created_ms": 0, "created": "", "sha256": sha256, "state": "approved", "confirm": true, "steps": [approved],
        "inputs": {}, "evidence": null, "host": "", "version": "",
    });
    scratch.write("state/outbox/door.json", &artifact.to_string());
    scratch.write("state/outbox/door.sh", &script);
    let begun = Instant::now();
    let (code, text) = said(&scratch, &["apply", "door", "--window", "10", "--vault", &vault]);
    assert!(code == Some(0) && text.contains("hostward confirm door"), "{text}");
    assert_eq!(mode(&file), 0o664);
    eventually("the way back", || mode(&file) == 0o666);
    assert!(begun.elapsed() >= Duration::from_secs(10));
    let entry = scratch.path("vault/door.json");
    eventually("the entry", || std::fs::read_to_string(&entry).unwrap().contains("rolled-back"));
}
