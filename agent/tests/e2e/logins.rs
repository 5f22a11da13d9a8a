//! Logins that fail as on any host, then 150 at once: unusual, looked into, answered by a stricter SSH server, quiet again.
//!
//! The script that root applies sees an `/etc/ssh` that is its own; the daemon sees the same files below a root of theirs.

use super::agent::Agent;
use super::fault::logins::SshServer;
use super::needs;
use super::process::{output, wait_for};
use super::scratch::Scratch;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Rounds of usual failures, one each two seconds.
const USUAL: usize = 20;

#[test]
#[ignore = "long: cargo xtask workflows-e2e"]
fn from_guessed_passwords_to_a_stricter_server() {
    needs::check();
    let scratch = Scratch::new();
    let root = scratch.path().join("root");
    fs::create_dir_all(root.join("etc/ssh/sshd_config.d")).expect("a root");
    let lax = "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nMaxAuthTries 20\n";
    fs::write(root.join("etc/ssh/sshd_config"), lax).expect("a configuration");
    let ssh = SshServer::start(scratch.path());
    let agent = Agent::start(scratch.path(), &ssh.auth_log);
    let place = root.display().to_string();
    let sets = ["check=ssh.max_auth_tries".to_owned(), format!("root={place}")];
    let run = agent.ask(&["workflow", "start", "brute-force-logins", "--set", &sets[0], "--set", &sets[1]]);
    let run = run["id"].as_str().expect("a run").to_owned();
    for _ in 0..USUAL {
        ssh.fail_a_little();
        std::thread::sleep(Duration::from_secs(2));
    }
    let attack = ssh.fail_to_log_in(150);
    let step = |name: &str| step(&agent, &run, name);
    let (unusual, _) = wait_for("an anomaly", 120, || done(step("unusual")));
    let confidence: f64 =
        unusual["gave"]["confidence"].as_str().and_then(|own| own.parse().ok()).expect("one");
    let (who, _) = wait_for("the diagnostic script", 120, || done(step("who")));
    let (proposed, _) = wait_for("the script", 60, || done(step("propose")));
    drop(attack);
    let artifact = proposed["gave"]["artifact"].as_str().expect("an artifact").to_owned();
    // sshd's own parser is asked by the script, so the files have to be where it looks.
    as_root(&agent, &root, &["outbox", "approve", &artifact]);
    let vault = scratch.path().join("vault").display().to_string();
    as_root(&agent, &root, &["apply", &artifact, "--vault", &vault]);
    as_root(&agent, &root, &["confirm", &artifact, "--vault", &vault]);
    let (verified, _) = wait_for("the check", 60, || done(step("verified")));
    wait_for("quiet", 300, || done(step("quiet")));
    let ended = agent.ask(&["workflow", "show", &run]);
    assert_eq!(ended["phase"], "done", "{ended}");
    assert!(confidence >= 0.99, "{confidence}");
    assert!(who["gave"]["said"].as_str().is_some_and(|said| said.contains("127.0.0.1")), "{who}");
    println!("confidence {confidence}; {}", verified["gave"]["saw"]);
}

fn step(agent: &Agent, run: &str, name: &str) -> Value {
    let shown = agent.ask(&["workflow", "show", run]);
    let steps = shown["steps"].as_array().expect("steps").clone();
    let own = steps.into_iter().find(|own| own["id"] == name).expect("the step");
    assert_ne!(own["standing"], "failed", "{own}");
    own
}

fn done(step: Value) -> Option<Value> {
    (step["standing"] == "done").then_some(step)
}

fn as_root(agent: &Agent, root: &Path, words: &[&str]) {
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", "mount --bind \"$1\" /etc/ssh && shift && exec \"$@\"", "sh"]);
    command.arg(root.join("etc/ssh")).arg(env!("CARGO_BIN_EXE_hostward")).args(words);
    output(command.arg("--state-dir").arg(&agent.state_dir));
}
