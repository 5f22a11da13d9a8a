//! Planted faults: what each does to a host, and on which series it should be seen.

use super::work::Work;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    CpuHog,
    MemoryLeak,
    DiskFills,
    IoStorm,
    FileLeak,
    Errors,
    Outage,
    Flood,
    Guessing,
    StuckLoad,
}

impl Fault {
    pub fn name(self) -> &'static str {
        match self {
            Fault::CpuHog => "CPU hog",
            Fault::MemoryLeak => "memory leak",
            Fault::DiskFills => "disk fills",
            Fault::IoStorm => "I/O storm",
            Fault::FileLeak => "fd leak",
            Fault::Errors => "errors",
            Fault::Outage => "outage",
            Fault::Flood => "flood",
            Fault::Guessing => "failed logins",
            Fault::StuckLoad => "stuck load",
        }
    }

    /// How long it lasts.
    pub fn minutes(self) -> u64 {
        match self {
            Fault::Guessing | Fault::Flood => 30,
            Fault::CpuHog | Fault::IoStorm | Fault::Errors | Fault::Outage => 60,
            Fault::MemoryLeak | Fault::DiskFills | Fault::FileLeak => 180,
            Fault::StuckLoad => 360,
        }
    }

    /// Does it, `minutes` after it began.
    pub fn spoil(self, work: &mut Work, minutes: f64) {
        match self {
            Fault::CpuHog => work.cpu = 0.97,
            Fault::MemoryLeak => work.memory += 0.5 * minutes / 180.0,
            Fault::DiskFills => work.kept_bytes += 6e6,
            Fault::IoStorm => {
                work.wait += 0.5;
                work.read_bytes += 90e6;
                work.written_bytes += 60e6;
                work.latency_s *= 3.0;
            }
            Fault::FileLeak => work.open_files += 60.0 * minutes,
            Fault::Errors => work.errors += 0.2,
            Fault::Outage => {
                (work.requests, work.sent_bytes) = (0.0, 3e3);
                work.cpu *= 0.3;
            }
            Fault::Flood => work.received_bytes += 80e6,
            Fault::Guessing => work.failed_logins += 2.5,
            Fault::StuckLoad => work.stuck = true,
        }
    }

    /// Whether a series with this name tells of it.
    pub fn shows_in(self, metric: &str) -> bool {
        let cpu = &["node_cpu_seconds_total", "node_load1", "node_hwmon_temp_celsius", "node_procs_running"];
        let names: &[&str] = match self {
            Fault::CpuHog => cpu,
            Fault::MemoryLeak => {
                &["node_memory_MemAvailable_bytes", "node_memory_Cached_bytes", "node_vmstat_pswpout"]
            }
            Fault::DiskFills => &["node_filesystem_avail_bytes"],
            Fault::IoStorm => &[
                "node_cpu_seconds_total",
                "node_load1",
                "node_disk_read_bytes_total",
                "node_disk_written_bytes_total",
                "node_disk_io_time_seconds_total",
                "app_latency_seconds",
            ],
            Fault::FileLeak => &["node_filefd_allocated"],
            Fault::Errors => &["app_errors_total"],
            Fault::Outage => &[
                "app_requests_total",
                "node_network_transmit_bytes_total",
                "node_network_receive_bytes_total",
            ],
            Fault::Flood => &["node_network_receive_bytes_total", "node_network_receive_drop_total"],
            Fault::Guessing => &["hostward_logins_total"],
            Fault::StuckLoad => &["node_load1"],
        };
        names.contains(&metric)
    }
}
