//! `process_*`, as Prometheus' client libraries have it, read from /proc/self.

use super::Make;
use nix::sys::resource::{UsageWho, getrusage};
use nix::unistd::{SysconfVar, sysconf};
use prometheus::{Counter, Gauge, IntGauge};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// What is known of the own process.
pub struct Process {
    cpu: Counter,
    resident: IntGauge,
    fds: IntGauge,
    threads: IntGauge,
    /// Kept open. /proc/self/status has the same two numbers, and writing it costs the kernel several times as much.
    stat: Option<File>,
    page_bytes: i64,
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
            stat: File::open("/proc/self/stat").ok(),
            page_bytes: sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096),
        })
    }

    /// Looks again.
    pub fn refresh(&self) {
        if let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) {
            let time = [usage.user_time(), usage.system_time()];
            let used: f64 = time.iter().map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6).sum();
            self.cpu.inc_by((used - self.cpu.get()).max(0.0));
        }
        let mut text = [0; 1024];
        let length = self.stat.as_ref().and_then(|stat| stat.read_at(&mut text, 0).ok());
        let stat = String::from_utf8_lossy(&text[..length.unwrap_or(0)]);
        set(&self.threads, field(&stat, 20));
        set(&self.resident, field(&stat, 24).map(|pages| pages * self.page_bytes));
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

/// A field of /proc/self/stat by its number in proc(5). The name in parentheses can hold anything, blanks included.
fn field(stat: &str, number: usize) -> Option<i64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(number - 3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_after_the_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 100 2097152 345 184";
        assert_eq!((field(stat, 20), field(stat, 24), field(stat, 99)), (Some(11), Some(345), None));
        assert_eq!(field("", 20), None);
    }

    #[test]
    fn the_own_process_is_seen() {
        let process = Process::new(&Make(&prometheus::Registry::new())).unwrap();
        process.refresh();
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let resident: i64 = kib.trim().trim_end_matches(" kB").parse::<i64>().unwrap() * 1024;
        assert!(
            (process.resident.get() - resident).abs() < 4 << 20,
            "{} and {resident}",
            process.resident.get()
        );
        assert!(process.threads.get() >= 2 && process.fds.get() >= 3);
    }
}
