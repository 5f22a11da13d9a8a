//! Scratch directories and alerts for the tests of the state and the outbox.

use super::Store;
use hostward_engine::{Alert, Evidence, Labels, State, Transition};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that goes when the value does.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Memory where there is some: the tests of the store sync thousands of times.
        let shm = Some(PathBuf::from("/dev/shm")).filter(|dir| dir.is_dir());
        let root = shm.unwrap_or_else(std::env::temp_dir);
        let path = root.join(format!("hostward-{name}-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The store in it, in which nothing is damaged.
    pub fn store(&self) -> Store {
        let (store, damages) = Store::open(&self.0).unwrap();
        assert_eq!(damages, []);
        store
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An alert in a given state; `n` tells one from another.
pub fn alert(n: u64, state: State) -> Alert {
    let labels = Labels::new([("alertname", "DiskFull"), ("mountpoint", "/srv"), ("n", &n.to_string())]);
    Alert {
        id: format!("{:016x}", labels.fingerprint()),
        name: "DiskFull".to_owned(),
        labels,
        annotations: Labels::new([("summary", "/srv is full"), ("playbook", "disk-full")]),
        expr: "node_filesystem_avail_bytes < 1".to_owned(),
        state,
        value: 0.5,
        active_ms: 1_795_234_000_000,
        fired_ms: (state == State::Firing).then_some(1_795_234_567_000),
        resolved_ms: (state == State::Resolved).then_some(1_795_234_600_000),
        acknowledged: None,
        evidence: vec![Evidence {
            series: "node_filesystem_avail_bytes{mountpoint=\"/srv\"}".to_owned(),
            value: 0.5,
            expected: Some(1e9),
            band: Some((9e8, 1.1e9)),
            confidence: Some(0.999),
        }],
    }
}

pub fn transition(n: u64, from: State, to: State) -> Transition {
    let at_ms = 1_795_234_567_000 + n as i64;
    Transition { from, alert: alert(n, to), at_ms, reason: "held for 1m".to_owned() }
}
