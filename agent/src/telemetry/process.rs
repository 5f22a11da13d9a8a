//! `process_*`, as Prometheus' client libraries have it, read from /proc/self.

use super::Make;
use nix::sys::resource::{UsageWho, getrusage};
use prometheus::{Counter, Gauge, IntGauge};
use std::fs;

/// What is known of the own process.
pub struct Process {
    cpu: Counter,
    resident: IntGauge,
    fds: IntGauge,
    threads: IntGauge,
}

impl Process {
    /// Registers the metrics.
    pub fn new(make: &Make<'_>) -> prometheus::Result<Self> {
        let started: Gauge = make.gauge("process_start_time_seconds", "When the process started.")?;
        started.set(crate::clock::now().wall_ms as f64 / 1000.0);
        Ok(Process {
            cpu: make
                .counter("process_cpu_seconds_total", "Processor time used, in user and system mode.")?,
            resident: make.int_gauge("process_resident_memory_bytes", "Memory that is resident.")?,
            fds: make.int_gauge("process_open_fds", "File descriptors that are open.")?,
            threads: make.int_gauge("process_threads", "Threads of the process.")?,
        })
    }

    /// Looks again.
    pub fn refresh(&self) {
        if let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) {
            let time = [usage.user_time(), usage.system_time()];
            let used: f64 = time.iter().map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6).sum();
            self.cpu.inc_by((used - self.cpu.get()).max(0.0));
        }
        if let Ok(status) = fs::read_to_string("/proc/self/status") {
            set(&self.resident, field(&status, "VmRSS:").map(|kib| kib * 1024));
            set(&self.threads, field(&status, "Threads:"));
        }
        if let Ok(fds) = fs::read_dir("/proc/self/fd") {
            // The directory that is being read is one of them.
            self.fds.set(fds.count() as i64 - 1);
        }
    }
}

/// What cannot be read keeps its last value.
fn set(gauge: &IntGauge, value: Option<i64>) {
    value.into_iter().for_each(|value| gauge.set(value));
}

fn field(status: &str, name: &str) -> Option<i64> {
    status.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}
