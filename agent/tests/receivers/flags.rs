//! A host with alerts that the test raises and ends: a file of metrics, and a rule for them.

use crate::support::{Daemon, Scratch, hostward};
use nix::sys::signal::Signal;

const RULES: &str = "\
groups:
- name: flags
  interval: 1s
  rules:
  - alert: Flag
    expr: test_flag == 1
    labels: {severity: warning}
    annotations: {summary: 'flag {{ $labels.flag }}'}
";

/// Sets flags up, with what is to be told.
pub fn prepare(scratch: &Scratch, receivers: &str) {
    scratch.write("rules/flags.yml", RULES);
    raise(scratch, &[]);
    configure(scratch, receivers);
}

/// Says who is to be told, and nothing else.
pub fn configure(scratch: &Scratch, receivers: &str) {
    let config = format!(
        "[rules]\nbuiltin = false\ndirs = [{:?}]\n[alerts]\ninstance = \"web1\"\n\
         [probes.textfile]\ndirectories = [{:?}]\n{receivers}",
        scratch.path("rules"),
        scratch.path("flags"),
    );
    scratch.write("etc/hostward.toml", &config);
}

/// These flags are up, and no others.
pub fn raise(scratch: &Scratch, up: &[&str]) {
    let line = |flag: &&str| format!("test_flag{{flag=\"{flag}\"}} {}\n", u8::from(up.contains(flag)));
    let text: String = ["a", "b", "c", "d"].iter().map(line).collect();
    let file = scratch.write("flags/next", &text);
    std::fs::rename(file, scratch.path("flags/flags.prom")).unwrap();
}

pub fn start(scratch: &Scratch) -> Daemon {
    Daemon::start_by(hostward(scratch, &["run", "--listen", "127.0.0.1:0", "--interval", "1s"]))
}

/// Waits until exactly these flags fire.
pub fn await_firing(daemon: &Daemon, up: &[&str]) {
    daemon.await_metrics(&format!("{up:?} firing"), |text| {
        let fires = |flag: &str| {
            text.lines().any(|line| {
                line.starts_with("hostward_alert_state{")
                    && line.contains(&format!("flag=\"{flag}\""))
                    && line.contains("state=\"firing\"")
            })
        };
        text.contains("test_flag") && ["a", "b", "c", "d"].iter().all(|flag| fires(flag) == up.contains(flag))
    });
}

/// Ends it as a power cut would.
pub fn kill(mut daemon: Daemon) {
    daemon.signal(Signal::SIGKILL);
    daemon.wait();
}
