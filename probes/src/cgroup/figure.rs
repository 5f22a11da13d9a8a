//! What the files of one group say, in the units of version 2: microseconds and bytes.

use super::layout::{BLKIO, CPU, CPUACCT, Layout, MEMORY, PIDS};
use crate::words::{Line, lines, only_line};
use crate::{Fault, Host};

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

/// A figure in a file: its place and what its unit is worth, as a factor and a divisor.
type Place = (usize, u64, u64);
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

/// Lines of a key and a value. A group without a quota is never throttled: it has no such figures.
fn table(file: &str, text: &str, keys: &[(&str, Place)], into: &mut Figures) -> Result<(), Fault> {
    let mut quota = true;
    for mut line in lines(file, text) {
        let key = line.word().unwrap_or("");
        if let Some((_, place)) = keys.iter().find(|(known, _)| *known == key) {
            put(*place, whole(&mut line)?, into);
        } else if key == "nr_periods" {
            quota = whole(&mut line)? > 0;
        }
    }
    if !quota {
        (into[THROTTLED_PERIODS], into[THROTTLED_TIME]) = (None, None);
    }
    Ok(())
}

/// One number, or `max` where there is no limit.
fn value(file: &str, text: &str, place: Place, into: &mut Figures) -> Result<(), Fault> {
    if text == "max" {
        return Ok(());
    }
    put(place, whole(&mut only_line(file, text))?, into);
    Ok(())
}

fn put((index, factor, divisor): Place, value: u64, into: &mut Figures) {
    into[index] = Some(value.saturating_mul(factor) / divisor);
}

fn add(index: usize, value: u64, into: &mut Figures) {
    into[index] = Some(into[index].unwrap_or(0).saturating_add(value));
}

fn whole(line: &mut Line<'_>) -> Result<u64, Fault> {
    let word = line.word().unwrap_or("");
    word.parse().map_err(|_| line.fault(word, "a whole number"))
}

/// `8:0 rbytes=90112 wbytes=0 rios=3 wios=0 dbytes=0 dios=0`: a line for each disk, `8:16` alone for one never used.
fn io_stat(file: &str, text: &str, into: &mut Figures) -> Result<(), Fault> {
    let keys = [("rbytes", READ_BYTES), ("wbytes", WRITTEN_BYTES), ("rios", READS), ("wios", WRITES)];
    keys.iter().for_each(|(_, index)| into[*index] = Some(0));
    for mut line in lines(file, text) {
        let _device = line.word();
        while let Some(word) = line.word() {
            let (key, value) = word.split_once('=').ok_or_else(|| line.fault(word, "key=value"))?;
            if let Some((_, index)) = keys.iter().find(|(known, _)| *known == key) {
                let value = value.parse().map_err(|_| line.fault(word, "a whole number behind ="))?;
                add(*index, value, into);
            }
        }
    }
    Ok(())
}

/// `8:0 Read 4096`, and `Total 4096` at the end.
fn blkio(file: &str, text: &str, read: usize, written: usize, into: &mut Figures) -> Result<(), Fault> {
    (into[read], into[written]) = (Some(0), Some(0));
    for mut line in lines(file, text) {
        let (_device, kind) = (line.word(), line.word().unwrap_or(""));
        match kind {
            "Read" => add(read, whole(&mut line)?, into),
            "Write" => add(written, whole(&mut line)?, into),
            _ => {}
        }
    }
    Ok(())
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, then `full …`.
fn pressure(file: &str, text: &str, at: usize, into: &mut Figures) -> Result<(), Fault> {
    for mut line in lines(file, text) {
        let index = match line.word() {
            Some("some") => at,
            Some("full") => at + 1,
            other => return Err(line.fault(other.unwrap_or(""), "some or full")),
        };
        while let Some(word) = line.word() {
            if let Some(total) = word.strip_prefix("total=") {
                into[index] =
                    Some(total.parse().map_err(|_| line.fault(word, "microseconds behind total="))?);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(parse: impl FnOnce(&mut Figures) -> Result<(), Fault>) -> String {
        let mut figures = [None; ALL];
        let result = parse(&mut figures);
        let set = figures.iter().enumerate().filter_map(|(index, figure)| Some((index, (*figure)?)));
        format!(
            "{:?}{}",
            set.collect::<Vec<_>>(),
            result.map_or_else(|fault| format!(" {fault}"), |()| String::new())
        )
    }

    #[test]
    fn quota_and_none() {
        let cpu = |text: &str| shown(|into| table("cpu.stat", text, V2_TABLES[0].1, into));
        let idle = "usage_usec 30\nuser_usec 10\nsystem_usec 20\nnice_usec 0\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n";
        assert_eq!(cpu(idle), "[(0, 10), (1, 20)]");
        assert_eq!(cpu(&idle.replace("periods 0", "periods 7")), "[(0, 10), (1, 20), (2, 0), (3, 0)]");
        assert_eq!(cpu("user_usec ten\n"), "[] cpu.stat:1: expected a whole number, found \"ten\"");
        assert_eq!(cpu("user_usec\n"), "[] cpu.stat:1: expected a whole number, found \"\"");
    }

    #[test]
    fn disks_add_up() {
        let io = |text: &str| shown(|into| io_stat("io.stat", text, into));
        assert_eq!(
            io(
                "8:0 rbytes=4096 wbytes=1 rios=2 wios=3 dbytes=9 dios=9\n8:16 \n253:0 rbytes=4 wbytes=4 rios=4 wios=4\n"
            ),
            "[(5, 4100), (6, 5), (7, 6), (8, 7)]"
        );
        assert_eq!(io(""), "[(5, 0), (6, 0), (7, 0), (8, 0)]");
        assert!(
            io("8:0 rbytes=x\n").ends_with("io.stat:1: expected a whole number behind =, found \"rbytes=x\"")
        );
        assert!(io("8:0 junk\n").ends_with("io.stat:1: expected key=value, found \"junk\""));
        let old = |text: &str| shown(|into| blkio("b", text, READS, WRITES, into));
        assert_eq!(old("8:0 Read 3\n8:0 Write 5\n8:0 Sync 1\n8:16 Read 1\nTotal 9\n"), "[(7, 4), (8, 5)]");
        assert!(old("8:0 Read -3\n").ends_with("b:1: expected a whole number, found \"-3\""));
    }

    #[test]
    fn pressure_and_limits() {
        let text = "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=3\n";
        assert_eq!(shown(|into| pressure("p", text, PRESSURE, into)), "[(9, 12), (10, 3)]");
        let bad = shown(|into| pressure("p", "some total=-1\n", PRESSURE, into));
        assert_eq!(bad, "[] p:1: expected microseconds behind total=, found \"total=-1\"");
        assert_eq!(shown(|into| value("memory.max", "max", (MEMORY_LIMIT, 1, 1), into)), "[]");
        assert_eq!(shown(|into| value("memory.max", "9", (MEMORY_LIMIT, 1, 1), into)), "[(17, 9)]");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let mut figures = [None; ALL];
            let _ = table("x", &text, V2_TABLES[0].1, &mut figures);
            let _ = value("x", &text, (0, u64::MAX, 1), &mut figures);
            let _ = io_stat("x", &text, &mut figures);
            let _ = blkio("x", &text, 0, 1, &mut figures);
            let _ = pressure("x", &text, PRESSURE, &mut figures);
        }
    }
}
