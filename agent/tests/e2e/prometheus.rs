//! A Prometheus of our own that scrapes the agent each second.

use super::http::{encode, free_address, get};
use super::process::{Process, wait_for};
use super::story::{Case, Told, now_s};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// What the agent tells is in Prometheus after one scrape, and this is two.
pub const SEEN_AFTER_S: f64 = 3.0;

/// A running server.
pub struct Prometheus {
    _process: Process,
    address: SocketAddr,
    started_s: f64,
}

impl Prometheus {
    /// Starts it and waits until it has scraped the agent.
    pub fn start(scratch: &Path, target: SocketAddr) -> Self {
        let (address, config) = (free_address(), scratch.join("prometheus.yml"));
        let text = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
             scrape_configs:\n- job_name: hostward\n  static_configs: [{{targets: ['{target}']}}]\n"
        );
        std::fs::write(&config, text).expect("a configuration");
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", scratch.join("tsdb").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=warn");
        let process = Process::start(&mut command, &scratch.join("prometheus.log"));
        let server = Prometheus { _process: process, address, started_s: now_s() };
        wait_for("Prometheus' first scrape", 30, || {
            let up = server.ask("query", "up == 1", "")?;
            (!up.as_array()?.is_empty()).then_some(())
        });
        server
    }

    /// Every scrape since the start must have worked.
    pub fn check_no_failed_scrape(&self) {
        let window_s = (now_s() - self.started_s).ceil();
        let failed = self.ask("query", &format!("count_over_time((up == 0)[{window_s}s:1s])"), "");
        assert_eq!(failed, Some(Value::Array(Vec::new())), "failed scrapes");
        let worked = self.ask("query", &format!("count_over_time(up[{window_s}s])"), "");
        assert!(worked.is_some_and(|worked| worked[0]["value"][1].is_string()), "scrapes");
    }

    /// The alert must be there as pending if it waits, then as firing, and be gone when it resolved.
    pub fn check_story(&self, case: &Case<'_>, told: &Told) {
        let seen = |state: &str| {
            let query = format!("hostward_alert_state{{alertname=\"{}\",state=\"{state}\"}}", case.alert);
            let range = format!("&start={}&end={}&step=1", told.began_s, told.resolved_s + SEEN_AFTER_S);
            let series = self.ask("query_range", &query, &range).expect("an answer");
            times(&series, case.about)
        };
        let (pending, firing) = (seen("pending"), seen("firing"));
        let (first, last) = (firing.first().copied(), firing.last().copied());
        let shown = format!("{}: pending {pending:?}, firing {firing:?}, {told:?}", case.alert);
        assert!(first.is_some_and(|first| first <= told.fired_s + SEEN_AFTER_S), "{shown}");
        assert!(last.is_some_and(|last| last < told.resolved_s + SEEN_AFTER_S / 2.0), "{shown}");
        assert!(!case.waits || pending.first().is_some_and(|pending| Some(*pending) < first), "{shown}");
    }

    fn ask(&self, endpoint: &str, query: &str, rest: &str) -> Option<Value> {
        let path = format!("/api/v1/{endpoint}?query={}{rest}", encode(query));
        let text = get(self.address, &path).ok()?;
        let mut answer: Value = serde_json::from_str(&text).ok()?;
        Some(answer["data"]["result"].take())
    }
}

/// The times of all samples of the series whose labels contain `about`, in order.
fn times(series: &Value, about: &str) -> Vec<f64> {
    let all = series.as_array().expect("a matrix").iter();
    let ours = all.filter(|one| {
        let labels = one["metric"].as_object().expect("labels");
        about.is_empty()
            || labels.values().any(|value| value.as_str().is_some_and(|value| value.contains(about)))
    });
    let samples = ours.flat_map(|one| one["values"].as_array().expect("samples"));
    let mut times: Vec<f64> = samples.filter_map(|sample| sample[0].as_f64()).collect();
    times.sort_by(f64::total_cmp);
    times
}
