//! The processes that use most processor time and memory.

use super::Section;
use super::text::one_line;
use crate::processes::{Stat, pids, stat};
use crate::{Fault, Host};
use nix::unistd::{SysconfVar, sysconf};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::{Duration, Instant};

const TOP: usize = 10;
const CMDLINE_CHARS_MAX: usize = 120;
/// How long processor use is measured.
const SAMPLE: Duration = Duration::from_millis(250);

/// What one process uses.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessUse {
    /// Process number.
    pub pid: u32,
    /// Real user; absent when the process ended meanwhile.
    pub uid: Option<u32>,
    /// The name the process gave itself.
    pub comm: String,
    /// Its arguments, cut; empty for kernel threads.
    pub cmdline: String,
    /// Processors kept busy during the measurement; absent for a captured tree.
    pub cpu_cores: Option<f64>,
    /// User and system time since its start.
    pub cpu_seconds: f64,
    /// Resident memory.
    pub resident_bytes: u64,
}

/// Both lists as text.
pub fn top_processes(host: &Host) -> Section {
    let lines = use_of_processes(host).map(|(busiest, largest)| {
        let head = |words: &str| {
            vec![format!("by {words}: pid, uid, cores, cpu seconds, resident KiB, name, command")]
        };
        let all = [head("processor use"), shown(&busiest), head("memory"), shown(&largest)];
        all.concat()
    });
    Section::of("processes", lines)
}

/// The ten that use most processor time, and the ten that use most memory.
pub fn use_of_processes(host: &Host) -> Result<(Vec<ProcessUse>, Vec<ProcessUse>), Fault> {
    let first = stats(host)?;
    let (second, elapsed) = again(host, &first)?;
    let ticks = |pid: u32, stat: &Stat| match &elapsed {
        Some(_) => stat.cpu_ticks.saturating_sub(first.get(&pid).map_or(0, |before| before.cpu_ticks)),
        None => stat.cpu_ticks,
    };
    let describe = |(pid, stat): &(u32, &Stat)| {
        let cores = elapsed.map(|time| ticks(*pid, stat) as f64 / per_second() / time.as_secs_f64());
        process(host, *pid, stat, cores)
    };
    let mut all: Vec<(u32, &Stat)> = second.iter().map(|(pid, stat)| (*pid, stat)).collect();
    all.sort_by_key(|(pid, stat)| (Reverse(ticks(*pid, stat)), Reverse(stat.cpu_ticks), *pid));
    let busiest = all.iter().take(TOP).map(describe).collect();
    all.sort_by_key(|(pid, stat)| (Reverse(stat.resident_pages), *pid));
    Ok((busiest, all.iter().take(TOP).map(describe).collect()))
}

fn stats(host: &Host) -> Result<HashMap<u32, Stat>, Fault> {
    let read = |pid| Some((pid, stat(host, pid)?.ok()?));
    Ok(pids(host)?.into_iter().filter_map(read).collect())
}

fn again(host: &Host, first: &HashMap<u32, Stat>) -> Result<(HashMap<u32, Stat>, Option<Duration>), Fault> {
    if !host.is_live() {
        return Ok((first.clone(), None));
    }
    let start = Instant::now();
    std::thread::sleep(SAMPLE);
    Ok((stats(host)?, Some(start.elapsed())))
}

fn process(host: &Host, pid: u32, stat: &Stat, cpu_cores: Option<f64>) -> ProcessUse {
    let cmdline = host.bytes(&format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let cmdline = String::from_utf8_lossy(&cmdline).trim_end_matches('\0').replace('\0', " ");
    ProcessUse {
        pid,
        uid: uid(host, pid),
        comm: one_line(&stat.comm, CMDLINE_CHARS_MAX),
        cmdline: one_line(&cmdline, CMDLINE_CHARS_MAX),
        cpu_cores,
        cpu_seconds: stat.cpu_ticks as f64 / per_second(),
        resident_bytes: stat.resident_pages * page_bytes(),
    }
}

fn uid(host: &Host, pid: u32) -> Option<u32> {
    let status = host.bytes(&format!("/proc/{pid}/status")).ok()?;
    let status = String::from_utf8_lossy(&status);
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

fn shown(list: &[ProcessUse]) -> Vec<String> {
    list.iter().map(line).collect()
}

fn line(process: &ProcessUse) -> String {
    let unknown = || "-".to_owned();
    let uid = process.uid.map_or_else(unknown, |uid| uid.to_string());
    let cores = process.cpu_cores.map_or_else(unknown, |cores| format!("{cores:.2}"));
    let (seconds, kib) = (process.cpu_seconds, process.resident_bytes >> 10);
    format!("{} {uid} {cores} {seconds:.2} {kib} {} {}", process.pid, process.comm, process.cmdline)
}

/// Ticks of processor time in a second: 100 on every Linux that is built today.
fn per_second() -> f64 {
    sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100) as f64
}

fn page_bytes() -> u64 {
    sysconf(SysconfVar::PAGE_SIZE).ok().flatten().map_or(4096, |bytes| bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_process_is_on_the_list_with_its_user() {
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = std::sync::Arc::clone(&stop);
        let busy = std::thread::spawn(move || while !seen.load(std::sync::atomic::Ordering::Relaxed) {});
        let (busiest, largest) = use_of_processes(&Host::new("/")).unwrap();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        busy.join().unwrap();
        let own = busiest.iter().find(|process| process.pid == std::process::id()).unwrap();
        assert_eq!(own.uid, Some(nix::unistd::getuid().as_raw()));
        assert!(own.cpu_cores.unwrap() > 0.0 && own.resident_bytes > 0 && !own.cmdline.is_empty());
        assert!(largest.windows(2).all(|pair| pair[0].resident_bytes >= pair[1].resident_bytes));
    }
}
