//! What a process costs, as the kernel counts it: proc(5).

use crate::Outcome;
use std::fs;

/// Clock ticks per second in `/proc/PID/stat`; 100 on every Linux that runs on x86 and ARM.
const TICKS_PER_S: f64 = 100.0;

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What it has in memory.
    pub rss: u64,
    /// The same with shared pages divided among those who share them.
    pub pss: u64,
}

/// User and system time of a process with all its threads, in seconds.
pub fn cpu_seconds(pid: u32) -> Outcome<f64> {
    parse_cpu(&read(pid, "stat")?).ok_or_else(|| format!("/proc/{pid}/stat has no times"))
}

/// Memory of a process.
pub fn memory(pid: u32) -> Outcome<Memory> {
    parse_memory(&read(pid, "smaps_rollup")?).ok_or_else(|| format!("/proc/{pid}/smaps_rollup has no sums"))
}

fn read(pid: u32, file: &str) -> Outcome<String> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
}

/// The name in parentheses can hold anything, so fields are counted from its end.
fn parse_cpu(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_S)
}

fn parse_memory(rollup: &str) -> Option<Memory> {
    let bytes = |key: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    };
    Some(Memory { rss: bytes("Rss:")?, pss: bytes("Pss:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_hostile_name() {
        let stat = "7 (a) b) 1 (2) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 3 0 100 1000 200 1 1";
        assert_eq!(parse_cpu(stat), Some(2.0));
        assert_eq!(parse_cpu("7 (x) S 1"), None);
    }

    #[test]
    fn sums_are_found() {
        let rollup = "5-7 ---p 0 00:00 0 [rollup]\nRss:      2048 kB\nPss:      1000 kB\nPss_Dirty: 4 kB\n";
        assert_eq!(parse_memory(rollup), Some(Memory { rss: 2 << 20, pss: 1000 << 10 }));
        assert_eq!(parse_memory("Rss: 1 kB\n"), None);
    }

    #[test]
    fn we_can_see_ourselves() {
        assert!(cpu_seconds(std::process::id()).unwrap() >= 0.0);
        assert!(memory(std::process::id()).unwrap().pss > 0);
    }
}
