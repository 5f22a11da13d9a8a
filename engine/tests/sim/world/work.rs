//! What a host is asked to do for one step.

/// Rates are per second, shares from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Share of all CPUs that programs use.
    pub cpu: f64,
    /// Share of all CPUs that wait for disks.
    pub wait: f64,
    /// Share of all CPUs that others on the same hardware take.
    pub steal: f64,
    /// Share of memory that programs hold.
    pub memory: f64,
    pub read_bytes: f64,
    pub written_bytes: f64,
    /// How fast `/srv` fills.
    pub kept_bytes: f64,
    pub received_bytes: f64,
    pub sent_bytes: f64,
    pub requests: f64,
    /// Share of requests that fail.
    pub errors: f64,
    pub latency_s: f64,
    pub failed_logins: f64,
    pub open_files: f64,
    /// The service started anew: its counters begin at zero.
    pub restarted: bool,
    /// The load is told as it was.
    pub stuck: bool,
    /// Nobody looks: the host sleeps.
    pub asleep: bool,
}

impl Default for Work {
    /// A host with nothing to do.
    fn default() -> Self {
        Work {
            cpu: 0.02,
            wait: 0.002,
            steal: 0.0,
            memory: 0.3,
            read_bytes: 5e3,
            written_bytes: 4e4,
            kept_bytes: 0.0,
            received_bytes: 3e3,
            sent_bytes: 3e3,
            requests: 0.0,
            errors: 0.001,
            latency_s: 0.02,
            failed_logins: 1.0 / 3600.0,
            open_files: 1500.0,
            restarted: false,
            stuck: false,
            asleep: false,
        }
    }
}

impl Work {
    /// Requests, and what comes with them.
    pub fn serve(&mut self, requests: f64) {
        self.requests += requests;
        self.cpu += requests / 900.0;
        self.received_bytes += 900.0 * requests;
        self.sent_bytes += 12e3 * requests;
        self.written_bytes += 300.0 * requests;
        self.open_files += requests;
        let busy = (self.cpu + self.steal).min(0.95);
        self.latency_s += 0.03 * busy / (1.0 - busy);
    }
}
