//! What processes use, by program name.

use super::program::program;
use super::stat::Stat;
use crate::Host;
use crate::drop_in;
use crate::roster::{Measure, Roster, Row};
use hostward_model::{Batch, Metric};
use nix::unistd::{SysconfVar, sysconf};

pub static CPU: Metric = Metric::counter(
    "hostward_process_group_cpu_seconds_total",
    "Processor time of the processes of this name; what one uses after it was last looked at before its end is not seen.",
    &["name"],
)
    .matters_from(0.02);
pub static RESIDENT: Metric = Metric::gauge(
    "hostward_process_group_resident_bytes",
    "Resident memory of the processes of this name, shared pages counted in each.",
    &["name"],
)
.matters_from(32.0 * 1024.0 * 1024.0);
pub static COUNT: Metric =
    Metric::gauge("hostward_process_group_processes", "Number of processes of this name.", &["name"]);
pub static READ: Metric = Metric::counter(
    "hostward_process_group_read_bytes_total",
    "Bytes that the processes of this name had fetched from block devices.",
    &["name"],
)
.matters_from(65_536.0);
pub static WRITTEN: Metric = Metric::counter(
    "hostward_process_group_written_bytes_total",
    "Bytes that the processes of this name caused to be written to block devices.",
    &["name"],
)
.matters_from(65_536.0);
pub static FILES: Metric = Metric::gauge(
    "hostward_process_group_open_files",
    "File descriptors that the processes of this name hold.",
    &["name"],
)
.matters_from(16.0);

/// Processor time in ticks, bytes read and written; resident pages and descriptors.
const COUNTERS: usize = 3;
const GAUGES: usize = 2;

static MEASURES: [Measure; 4] =
    [Measure::Increase(&[0]), Measure::Increase(&[1, 2]), Measure::Level(0), Measure::Level(1)];

/// The file of process 1 that shows whether those of all processes can be read.
const IO_OF_FIRST: &str = "/proc/1/io";
const FILES_OF_FIRST: &str = "/proc/1/fd";
/// Descriptors of one process that are counted one by one, on kernels that do not count them.
const FILES_MAX: usize = 1 << 16;

/// All programs.
pub struct Groups {
    roster: Roster<COUNTERS, GAUGES>,
    ticks_per_second: f64,
    page_bytes: f64,
}

/// What can be seen of all processes, found out once in each run.
#[derive(Clone, Copy)]
pub struct Sight {
    io: bool,
    files: Option<CountFiles>,
}

#[derive(Clone, Copy)]
enum CountFiles {
    /// Linux 6.2 and later tell the number as the size of the directory, to everybody.
    BySize,
    OneByOne,
}

impl Sight {
    /// Tries the first process; for the others there would be only our own, which would look like all.
    pub fn of(host: &mut Host, out: &mut Batch) -> Self {
        let io = !host.is_live() || host.attribute(format_args!("{IO_OF_FIRST}")).is_ok();
        if !io {
            out.push_gap("hostward_process_group_*_bytes_total", "permission", drop_in::OTHERS);
        }
        let sized = host.is_live() && size(host, "/proc/self/fd") > 0;
        let can_list = || !host.is_live() || std::fs::read_dir(host.path(FILES_OF_FIRST)).is_ok();
        let files =
            sized.then_some(CountFiles::BySize).or_else(|| can_list().then_some(CountFiles::OneByOne));
        if files.is_none() {
            out.push_gap("hostward_process_group_open_files", "permission", drop_in::OTHERS);
        }
        Sight { io, files }
    }

    fn files(self, host: &Host, pid: u32) -> Option<u64> {
        let path = format!("/proc/{pid}/fd");
        match self.files? {
            CountFiles::BySize => Some(size(host, &path)),
            CountFiles::OneByOne => {
                std::fs::read_dir(host.path(&path)).ok().map(|listed| listed.take(FILES_MAX).count() as u64)
            }
        }
    }

    fn io(self, host: &mut Host, pid: u32) -> [Option<u64>; 2] {
        let text = self.io.then(|| host.attribute(format_args!("/proc/{pid}/io")).ok().flatten()).flatten();
        text.map_or([None; 2], io)
    }
}

fn size(host: &Host, path: &str) -> u64 {
    std::fs::metadata(host.path(path)).map_or(0, |metadata| metadata.len())
}

/// `read_bytes: 4096` and `write_bytes: 0` among other lines: proc_pid_io(5).
fn io(text: &str) -> [Option<u64>; 2] {
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.trim().parse().ok());
    [value("read_bytes:"), value("write_bytes:")]
}

impl Groups {
    /// Names at most `top` programs.
    pub fn new(top: u64) -> Self {
        let page_bytes = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096) as f64;
        let ticks_per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100) as f64;
        Groups { roster: Roster::new(top, &MEASURES), ticks_per_second, page_bytes }
    }

    /// Begins a run.
    pub fn begin(&mut self) {
        self.roster.begin();
    }

    /// Takes a process in. A kernel thread has no files, and its traffic is that of others.
    pub fn add(&mut self, host: &mut Host, sight: Sight, pid: u32, stat: &Stat) {
        let ([read, written], files) = match stat.is_kernel {
            true => ([None; 2], None),
            false => (sight.io(host, pid), sight.files(host, pid)),
        };
        let counters = [Some(stat.cpu_ticks), read, written];
        self.roster.add(
            (u64::from(pid), stat.start_ticks),
            &program(stat),
            counters,
            [Some(stat.resident_pages), files],
        );
    }

    /// Ends the run and tells it.
    pub fn finish(&mut self, out: &mut Batch) {
        self.roster.finish();
        self.roster.rows().for_each(|row| self.push(&row, out));
    }

    fn push(&self, row: &Row<'_, COUNTERS, GAUGES>, out: &mut Batch) {
        let [ticks, read, written] = *row.counters;
        let [pages, files] = *row.gauges;
        let values = [
            (&CPU, ticks.map(|ticks| ticks as f64 / self.ticks_per_second)),
            (&READ, read.map(|bytes| bytes as f64)),
            (&WRITTEN, written.map(|bytes| bytes as f64)),
            (&RESIDENT, pages.map(|pages| pages as f64 * self.page_bytes)),
            (&FILES, files.map(|files| files as f64)),
            (&COUNT, (row.count > 0).then_some(row.count as f64)),
        ];
        for (metric, value) in values.into_iter().filter_map(|(metric, value)| Some((metric, value?))) {
            out.push(metric, &[row.name], value);
        }
    }
}
