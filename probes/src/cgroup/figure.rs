//! What the files of one group say, in the units of version 2: microseconds and bytes.

mod parse;

use super::layout::{BLKIO, CPU, CPUACCT, Layout, MEMORY, PIDS};
use crate::{Fault, Host};
use parse::{Place, blkio, io_stat, pressure, table, value};

/// Places in a set of figures. Counters come first.
pub const CPU_USER: usize = 0;
pub const CPU_SYSTEM: usize = 1;
pub const THROTTLED_PERIODS: usize = 2;
pub const THROTTLED_TIME: usize = 3;
pub const OOM_KILLS: usize = 4;
pub const READ_BYTES: usize = 5;
pub const WRITTEN_BYTES: usize = 6;
pub const READS: usize = 7;
pub const WRITES: usize = 8;
/// Some and full for each of the [`PRESSURE_FILES`].
pub const PRESSURE: usize = 9;
pub const COUNTERS: usize = 15;
pub const MEMORY_NOW: usize = 15;
pub const MEMORY_PEAK: usize = 16;
pub const MEMORY_LIMIT: usize = 17;
pub const SWAP: usize = 18;
pub const ANON: usize = 19;
pub const FILE: usize = 20;
pub const KERNEL: usize = 21;
pub const TASKS: usize = 22;
pub const ALL: usize = 23;

const PRESSURE_FILES: [(usize, &str); 3] =
    [(PRESSURE, "cpu.pressure"), (PRESSURE + 2, "memory.pressure"), (PRESSURE + 4, "io.pressure")];

/// What a group counts; what it does not is absent.
pub type Figures = [Option<u64>; ALL];

/// A file of lines of a key and a value, and the figures under which keys.
type Table = (&'static str, &'static [(&'static str, Place)]);

const V2_TABLES: [Table; 3] = [
    (
        "cpu.stat",
        &[
            ("user_usec", (CPU_USER, 1, 1)),
            ("system_usec", (CPU_SYSTEM, 1, 1)),
            ("nr_throttled", (THROTTLED_PERIODS, 1, 1)),
            ("throttled_usec", (THROTTLED_TIME, 1, 1)),
        ],
    ),
    ("memory.stat", &[("anon", (ANON, 1, 1)), ("file", (FILE, 1, 1)), ("kernel", (KERNEL, 1, 1))]),
    ("memory.events", &[("oom_kill", (OOM_KILLS, 1, 1))]),
];
const V2_VALUES: [(&str, usize); 5] = [
    ("memory.current", MEMORY_NOW),
    ("memory.peak", MEMORY_PEAK),
    ("memory.max", MEMORY_LIMIT),
    ("memory.swap.current", SWAP),
    ("pids.current", TASKS),
];

const CPU_TABLE: Table = (
    "cpu.stat",
    &[("nr_throttled", (THROTTLED_PERIODS, 1, 1)), ("throttled_time", (THROTTLED_TIME, 1, 1000))],
);
/// In ticks of a hundredth of a second, on every kernel that is built today.
const CPUACCT_TABLE: Table =
    ("cpuacct.stat", &[("user", (CPU_USER, 10_000, 1)), ("system", (CPU_SYSTEM, 10_000, 1))]);
const MEMORY_TABLES: [Table; 2] = [
    (
        "memory.stat",
        &[("total_rss", (ANON, 1, 1)), ("total_cache", (FILE, 1, 1)), ("total_swap", (SWAP, 1, 1))],
    ),
    ("memory.oom_control", &[("oom_kill", (OOM_KILLS, 1, 1))]),
];
const MEMORY_VALUES: [(&str, usize); 4] = [
    ("memory.usage_in_bytes", MEMORY_NOW),
    ("memory.max_usage_in_bytes", MEMORY_PEAK),
    ("memory.limit_in_bytes", MEMORY_LIMIT),
    ("memory.kmem.usage_in_bytes", KERNEL),
];
/// Version 1 says "no limit" with the largest number of pages that it can count.
const LEGACY_NO_LIMIT: u64 = 1 << 62;

/// Reads what is there of one group. A file that makes no sense does not hide the others; the first is told.
pub fn read(host: &mut Host, layout: &Layout, path: &str, into: &mut Figures) -> Result<(), Fault> {
    let mut reader = Reader { host, path, into, fault: Ok(()) };
    if let Some(mount) = layout.unified {
        reader.unified(mount);
    }
    layout.legacy.iter().for_each(|mount| reader.legacy(mount));
    reader.fault
}

struct Reader<'a> {
    host: &'a mut Host,
    path: &'a str,
    into: &'a mut Figures,
    fault: Result<(), Fault>,
}

impl Reader<'_> {
    fn unified(&mut self, mount: &str) {
        V2_TABLES.iter().for_each(|table| self.table(mount, table));
        V2_VALUES.iter().for_each(|(file, index)| self.value(mount, file, (*index, 1, 1)));
        self.text(mount, "io.stat", io_stat);
        for (at, file) in PRESSURE_FILES {
            self.text(mount, file, |file, text, into| pressure(file, text, at, into));
        }
    }

    fn legacy(&mut self, mount: &str) {
        match mount {
            CPU => self.table(mount, &CPU_TABLE),
            // In a hybrid layout version 2 has told it already.
            CPUACCT if self.into[CPU_USER].is_none() => {
                self.table(mount, &CPUACCT_TABLE);
                self.value(mount, "cpuacct.usage_user", (CPU_USER, 1, 1000));
                self.value(mount, "cpuacct.usage_sys", (CPU_SYSTEM, 1, 1000));
            }
            MEMORY => self.legacy_memory(mount),
            BLKIO => {
                self.blkio(mount, "io_service_bytes", READ_BYTES, WRITTEN_BYTES);
                self.blkio(mount, "io_serviced", READS, WRITES);
            }
            PIDS => self.value(mount, "pids.current", (TASKS, 1, 1)),
            _ => {}
        }
    }

    fn legacy_memory(&mut self, mount: &str) {
        MEMORY_TABLES.iter().for_each(|table| self.table(mount, table));
        MEMORY_VALUES.iter().for_each(|(file, index)| self.value(mount, file, (*index, 1, 1)));
        self.into[MEMORY_LIMIT] = self.into[MEMORY_LIMIT].filter(|limit| *limit < LEGACY_NO_LIMIT);
    }

    /// Groups below count too where the kernel offers that (5.0 and later).
    fn blkio(&mut self, mount: &str, file: &str, read: usize, written: usize) {
        let take = |file: &str, text: &str, into: &mut Figures| blkio(file, text, read, written, into);
        self.text(mount, &format!("blkio.throttle.{file}_recursive"), take);
        if self.into[read].is_none() {
            self.text(mount, &format!("blkio.throttle.{file}"), take);
        }
    }

    fn table(&mut self, mount: &str, (file, keys): &Table) {
        self.text(mount, file, |file, text, into| table(file, text, keys, into));
    }

    fn value(&mut self, mount: &str, file: &str, place: Place) {
        self.text(mount, file, |file, text, into| value(file, text, place, into));
    }

    fn text(
        &mut self,
        mount: &str,
        file: &str,
        parse: impl FnOnce(&str, &str, &mut Figures) -> Result<(), Fault>,
    ) {
        let path = self.path;
        let result = match self.host.attribute(format_args!("{mount}{path}/{file}")) {
            Ok(Some(text)) => parse(file, text, self.into).map_err(|fault| located(fault, mount, path)),
            Ok(None) => Ok(()),
            Err(fault) => Err(fault),
        };
        if self.fault.is_ok() {
            self.fault = result;
        }
    }
}

/// Only now is the whole path worth its memory.
fn located(fault: Fault, mount: &str, path: &str) -> Fault {
    match fault {
        Fault::Malformed { what, line, word, expected } => {
            Fault::Malformed { what: format!("{mount}{path}/{what}"), line, word, expected }
        }
        other => other,
    }
}
