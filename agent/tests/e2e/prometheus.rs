//! A Prometheus of our own that scrapes the agent each second, to see when things happen, and beside that with the
//! patience that Prometheus has by default, to see that no scrape fails while the host is in need.

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
        let targets = format!("static_configs: [{{targets: ['{target}']}}]");
        let text = format!(
            "scrape_configs:\n\
             - {{job_name: eager, scrape_interval: 1s, scrape_timeout: 1s, {targets}}}\n\
             - {{job_name: patient, scrape_interval: 10s, scrape_timeout: 10s, {targets}}}\n"
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
            let up = server.ask("query", "up{job='eager'} == 1", "")?;
            (!up.as_array()?.is_empty()).then_some(())
        });
        server
    }

    /// Every patient scrape since the start must have worked. While memory runs out, even this machine's own disk
    /// may keep everybody waiting for more than a second.
    pub fn check_no_failed_scrape(&self) {
        let window_s = (now_s() - self.started_s).ceil();
        let failed = self.ask("query", &format!("up{{job='patient'}}[{window_s}s]"), "").expect("an answer");
        let samples = failed[0]["values"].as_array().expect("scrapes");
        assert!(samples.len() as f64 > window_s / 20.0, "{} scrapes in {window_s} s", samples.len());
        assert!(samples.iter().all(|sample| sample[1] == "1"), "failed scrapes: {samples:?}");
    }

    /// The alert must be there as pending if it waits, then as firing, and be gone when it resolved.
    pub fn check_story(&self, case: &Case<'_>, told: &Told) {
        let seen = |state: &str| {
            let query =
                format!("hostward_alert_state{{job='eager',alertname=\"{}\",state=\"{state}\"}}", case.alert);
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
