//! What a process costs, as the kernel counts it: proc(5).

use crate::Outcome;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use std::fs;

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What it has in memory.
    pub rss: u64,
    /// The same with shared pages divided among those who share them.
    pub pss: u64,
    /// Pages that nobody shares, whether they were written to or not.
    pub private: u64,
}

/// User and system time of a process with all its threads, in seconds; programs that it starts are not counted.
///
/// From its clock, in nanoseconds: the ticks of `/proc/PID/stat` are too coarse for a scrape.
pub fn cpu_seconds(pid: u32) -> Outcome<f64> {
    let clock = clock_getcpuclockid(Pid::from_raw(pid.cast_signed()));
    let time =
        clock.and_then(clock_gettime).map_err(|error| format!("the clock of process {pid}: {error}"))?;
    Ok(time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
}

/// Memory of a process.
pub fn memory(pid: u32) -> Outcome<Memory> {
    parse_memory(&read(pid, "smaps_rollup")?).ok_or_else(|| format!("/proc/{pid}/smaps_rollup has no sums"))
}

/// Processes that this one has started and that live.
pub fn children(pid: u32) -> Outcome<Vec<u32>> {
    let mut all = Vec::new();
    let tasks =
        fs::read_dir(format!("/proc/{pid}/task")).map_err(|error| format!("/proc/{pid}/task: {error}"))?;
    for task in tasks.flatten() {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        all.extend(text.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
    }
    Ok(all)
}

/// Processor time of children that have ended and were waited for, in seconds; counted in hundredths.
pub fn ended_children_seconds(pid: u32) -> Outcome<f64> {
    let stat = read(pid, "stat")?;
    let words = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = words.skip(13).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    Ok(ticks as f64 / 100.0)
}

fn read(pid: u32, file: &str) -> Outcome<String> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
}

fn parse_memory(rollup: &str) -> Option<Memory> {
    let bytes = |key: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    };
    let private = bytes("Private_Clean:")? + bytes("Private_Dirty:")?;
    Some(Memory { rss: bytes("Rss:")?, pss: bytes("Pss:")?, private })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_found() {
        let rollup = "5-7 ---p 0 00:00 0 [rollup]\nRss:      2048 kB\nPss:      1000 kB\nPss_Dirty: 4 kB\n\
                      Private_Clean:  3 kB\nPrivate_Dirty:  5 kB\n";
        assert_eq!(parse_memory(rollup), Some(Memory { rss: 2 << 20, pss: 1000 << 10, private: 8 << 10 }));
        assert_eq!(parse_memory("Rss: 1 kB\n"), None);
    }

    #[test]
    fn we_can_see_ourselves() {
        assert!(cpu_seconds(std::process::id()).unwrap() > 0.0);
        assert!(memory(std::process::id()).unwrap().pss > 0);
    }
}
