//! The ten faults: what makes them, and the metrics on which they should be seen.

use super::cause::{self, Cause};
use super::place::Place;
use crate::Outcome;

/// One kind of fault.
pub struct Kind {
    /// Its name in the table and after `--kind`.
    pub name: &'static str,
    /// Begins it.
    pub begin: fn(&Place) -> Outcome<Cause>,
    /// Beginnings of the series that tell of it.
    shows_in: &'static [&'static str],
    /// Whether it moves a clock, which an agent of its own must have.
    pub moves_clock: bool,
}

/// All kinds, in an order in which neighbours have little in common.
pub const KINDS: &[Kind] = &[
    Kind::new("cpu", cause::cpu, &["node_cpu_", "node_load", "node_pressure_cpu", "node_procs_running"]),
    Kind::new("disk-slowly", cause::disk_slowly, &["node_filesystem_avail", "node_filesystem_free"]),
    Kind::new(
        "fork-storm",
        cause::forks,
        &["node_forks_total", "node_processes_", "node_context_switches", "node_vmstat_pgfault"],
    ),
    Kind::new(
        "memory-leak",
        cause::memory,
        &[
            "node_memory_MemAvailable",
            "node_memory_MemFree",
            "node_memory_A",
            "node_memory_Inactive",
            "node_memory_Committed",
            "hostward_process_group_resident",
        ],
    ),
    Kind::new(
        "network-flood",
        cause::flood,
        &["node_network_", "node_netstat_", "node_softnet_", "node_sockstat_"],
    ),
    Kind::new("disk-fast", cause::disk_fast, &["node_filesystem_avail", "node_filesystem_free"]),
    Kind::new("fd-leak", cause::files, &["node_filefd_allocated", "hostward_process_group_open_files"]),
    Kind::new(
        "io-storm",
        cause::io,
        &[
            "node_disk_",
            "node_pressure_io",
            "node_vmstat_pgpgout",
            "node_memory_Dirty",
            "node_memory_Writeback",
        ],
    ),
    Kind::new("failed-logins", cause::logins, &["hostward_logins_total", "hostward_login"]),
    Kind {
        moves_clock: true,
        ..Kind::new(
            "clock-step",
            cause::clock,
            &["hostward_clock_", "node_time_", "node_timex_", "hostward_timesync", "node_boot_time"],
        )
    },
];

impl Kind {
    const fn new(
        name: &'static str,
        begin: fn(&Place) -> Outcome<Cause>,
        shows_in: &'static [&'static str],
    ) -> Self {
        Kind { name, begin, shows_in, moves_clock: false }
    }

    /// Whether a series tells of this fault.
    pub fn shows_in(&self, series: &str) -> bool {
        self.shows_in.iter().any(|start| series.starts_with(start))
    }
}
