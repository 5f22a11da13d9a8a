//! `process_*`, as Prometheus' client libraries have it.
//!
//! It is looked at in each scrape, so the file is kept open and open files are not listed one by one.

use super::Make;
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::unistd::{SysconfVar, sysconf};
use prometheus::{Counter, Gauge, IntGauge};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// What is known of the own process.
pub struct Process {
    stat: Option<File>,
    page_bytes: i64,
    cpu: Counter,
    virtual_memory: IntGauge,
    virtual_memory_max: Gauge,
    resident: IntGauge,
    fds: IntGauge,
    max_fds: Gauge,
    threads: IntGauge,
}

/// What `/proc/self/stat` says, see proc_pid_stat(5).
#[derive(Debug, PartialEq)]
struct Stat {
    threads: i64,
    virtual_bytes: i64,
    resident_pages: i64,
}

impl Process {
    /// Registers the metrics.
    pub fn new(make: &Make<'_>) -> prometheus::Result<Self> {
        let started: Gauge = make.gauge("process_start_time_seconds", "When the process started.")?;
        started.set(crate::clock::now().wall_ms as f64 / 1000.0);
        Ok(Process {
            stat: File::open("/proc/self/stat").ok(),
            page_bytes: sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096),
            cpu: make
                .counter("process_cpu_seconds_total", "Processor time used, in user and system mode.")?,
            virtual_memory: make.int_gauge("process_virtual_memory_bytes", "Address space in use.")?,
            virtual_memory_max: make
                .gauge("process_virtual_memory_max_bytes", "Address space that may be used.")?,
            resident: make.int_gauge("process_resident_memory_bytes", "Memory that is resident.")?,
            fds: make.int_gauge("process_open_fds", "File descriptors that are open.")?,
            max_fds: make.gauge("process_max_fds", "File descriptors that may be open.")?,
            threads: make.int_gauge("process_threads", "Threads of the process.")?,
        })
    }

    /// Looks again; what cannot be read keeps its last value.
    pub fn refresh(&self) {
        if let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) {
            let time = [usage.user_time(), usage.system_time()];
            let used: f64 = time.iter().map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6).sum();
            self.cpu.inc_by((used - self.cpu.get()).max(0.0));
        }
        if let Some(stat) = self.stat() {
            self.threads.set(stat.threads);
            self.virtual_memory.set(stat.virtual_bytes);
            self.resident.set(stat.resident_pages * self.page_bytes);
        }
        if let Some(count) = open_fds() {
            self.fds.set(count);
        }
        for (gauge, resource) in
            [(&self.max_fds, Resource::RLIMIT_NOFILE), (&self.virtual_memory_max, Resource::RLIMIT_AS)]
        {
            if let Ok((soft, _)) = getrlimit(resource) {
                gauge.set(soft as f64);
            }
        }
    }

    fn stat(&self) -> Option<Stat> {
        let mut bytes = [0; 1024];
        let length = self.stat.as_ref()?.read_at(&mut bytes, 0).ok()?;
        parse(std::str::from_utf8(&bytes[..length]).ok()?)
    }
}

fn parse(stat: &str) -> Option<Stat> {
    // The name in parentheses can hold anything, so fields are counted from its end, where the third begins.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(17);
    let threads = fields.next()?.parse().ok()?;
    let mut fields = fields.skip(2);
    let (virtual_bytes, resident_pages) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Stat { threads, virtual_bytes, resident_pages })
}

/// Since Linux 6.2 the size of the directory is their number; before, they have to be listed.
fn open_fds() -> Option<i64> {
    const FDS: &str = "/proc/self/fd";
    match fs::metadata(FDS).ok()?.len() {
        // The directory that is being read is one of them.
        0 => Some(fs::read_dir(FDS).ok()?.count() as i64 - 1),
        count => Some(count as i64),
    }
}

#[cfg(test)]
mod tests {
    use super::{Stat, open_fds, parse};

    #[test]
    fn fields_are_found_behind_a_hostile_name() {
        let stat = "7 (a) b) 1 (2) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 3 0 100 1000 200 1 1";
        assert_eq!(parse(stat), Some(Stat { threads: 3, virtual_bytes: 1000, resident_pages: 200 }));
        assert_eq!(parse("7 (x) S 1"), None);
    }

    #[test]
    fn open_files_are_counted() {
        let before = open_fds().unwrap();
        let more: Vec<_> = (0..50).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
        assert!(open_fds().unwrap() >= before + more.len() as i64 - 20);
    }
}
