//! The agent under test, its metrics and its command line.

use super::http;
use super::process::{Process, output, wait_for};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

const BINARY: &str = env!("CARGO_BIN_EXE_hostward");

/// A running agent at 1 s.
pub struct Agent {
    _process: Process,
    pub address: SocketAddr,
    pub state_dir: PathBuf,
}

impl Agent {
    /// Starts it with the built-in rules and an auth log of our own, and waits for host metrics.
    pub fn start(scratch: &Path, auth_log: &Path) -> Self {
        let (address, state_dir) = (http::free_address(), scratch.join("state"));
        let config = scratch.join("hostward.toml");
        // An audit by a build that is not optimised keeps a processor busy for minutes: a fault of its own.
        let text = format!("[audit]\nenabled = false\n[probes.authlog]\npath = {auth_log:?}\n");
        std::fs::write(&config, text).expect("a configuration");
        let mut command = Command::new(BINARY);
        command.args(["run", "--interval", "1s", "--listen", &address.to_string()]);
        command.arg("--state-dir").arg(&state_dir).arg("--config").arg(&config);
        let process = Process::start(&mut command, &scratch.join("agent.log"));
        let agent = Agent { _process: process, address, state_dir };
        wait_for("host metrics", 10, || agent.metrics().filter(|page| page.contains("\nnode_load1 ")));
        agent
    }

    /// The metrics page, when it answers.
    pub fn metrics(&self) -> Option<String> {
        http::get(self.address, "/metrics").ok()
    }

    /// Whether an alert fires whose labels contain `about`; nothing when the page does not answer.
    pub fn is_firing(&self, alert: &str, about: &str) -> Option<bool> {
        let fires = |line: &str| {
            line.starts_with("hostward_alert_state{")
                && line.contains(&format!("alertname=\"{alert}\""))
                && line.contains("state=\"firing\"")
                && line.contains(about)
        };
        self.metrics().map(|page| page.lines().any(fires))
    }

    /// What the command line says, as JSON.
    pub fn ask(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(BINARY);
        command.args(arguments).args(["--format", "json"]).arg("--state-dir").arg(&self.state_dir);
        let text = output(&mut command);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{text}"))
    }
}
