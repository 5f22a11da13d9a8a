//! Debian's Prometheus, which scrapes one page.

use super::agent::free_port;
use super::http::{Connection, Response};
use crate::Outcome;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PROGRAM: &str = "prometheus";

/// A running Prometheus.
pub struct Prometheus {
    child: Child,
    address: SocketAddr,
}

/// What it is to do.
pub struct Peer<'a> {
    /// What it scrapes.
    pub page: SocketAddr,
    /// Seconds between two scrapes.
    pub sampled_s: u64,
    /// Seconds between two evaluations of groups that do not say.
    pub evaluated_s: u64,
    /// A file of rules, if any.
    pub rules: Option<&'a Path>,
}

impl Prometheus {
    /// Starts one that keeps its things below `dir`.
    pub fn start(dir: &Path, peer: &Peer<'_>) -> Outcome<Self> {
        let address = free_port()?;
        let Peer { page, sampled_s, evaluated_s, rules } = peer;
        let rules = rules.map_or_else(String::new, |path| format!("rule_files: ['{}']\n", path.display()));
        let config = format!(
            "global: {{scrape_interval: {sampled_s}s, scrape_timeout: {sampled_s}s, evaluation_interval: {evaluated_s}s}}\n{rules}\
             scrape_configs:\n- job_name: bench\n  static_configs:\n  - targets: ['{page}']\n"
        );
        let path = dir.join("prometheus.yml");
        let said = |error: std::io::Error| format!("{}: {error}", path.display());
        fs::create_dir_all(dir).and_then(|()| fs::write(&path, config)).map_err(said)?;
        let child = Command::new(PROGRAM)
            .arg(format!("--config.file={}", path.display()))
            .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.map_err(|error| format!("{PROGRAM}: {error}; install it with apt"))?;
        let own = Prometheus { child, address };
        (0..100).any(|_| own.is_ready()).then_some(own).ok_or_else(|| format!("{PROGRAM} does not answer"))
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn is_ready(&self) -> bool {
        std::thread::sleep(Duration::from_millis(100));
        self.get("/-/ready").is_ok_and(|answer| answer.status == 200)
    }

    fn get(&self, path: &str) -> Outcome<Response> {
        let answer = Connection::open(self.address).and_then(|mut own| own.get(path, ""));
        answer.map_err(|error| format!("{PROGRAM}: {path}: {error}"))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many rules it has evaluated.
    pub fn evaluations(&self) -> Outcome<f64> {
        let text = String::from_utf8_lossy(&self.get("/metrics")?.body).into_owned();
        let lines = text.lines().filter(|line| line.starts_with("prometheus_rule_evaluations_total"));
        Ok(lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }
}

/// Asks Prometheus' HTTP API, whoever serves it, for a path below `/api/v1/` and gives the data of the answer.
pub fn ask(address: SocketAddr, path: &str) -> Outcome<Value> {
    let answer = Connection::open(address).and_then(|mut own| own.get(&format!("/api/v1/{path}"), ""));
    let body = answer.map_err(|error| format!("{path}: {error}"))?.body;
    let mut answer: Value = serde_json::from_slice(&body).map_err(|error| format!("{path}: {error}"))?;
    Ok(answer["data"].take())
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            let ended = self.child.wait();
            drop(ended);
        }
    }
}
