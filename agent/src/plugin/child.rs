//! The first process of a plugin, as its parent sees it: whether it has ended and how, and what it cost.

use hostward_formats::Exit;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};
use wait4::Wait4;

/// How long one that has closed a pipe may take to end, and how often it is looked.
const MOMENT: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(1);
const TICKS_PER_S: f64 = 100.0;

/// Takes the exit status of a child that has ended or was killed.
pub fn reap(child: &mut Child) -> (Exit, f64) {
    match child.wait4() {
        Ok(all) => (exit(all.status), (all.rusage.utime + all.rusage.stime).as_secs_f64()),
        Err(_) => (Exit::Signal(9), 0.0),
    }
}

fn exit(status: ExitStatus) -> Exit {
    status.code().map_or_else(|| Exit::Signal(status.signal().unwrap_or(9)), Exit::Code)
}

/// Whether a child has ended; it is not reaped, so that its number stays its own.
pub fn has_ended(pid: Pid) -> bool {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    !matches!(waitid(Id::Pid(pid), flags), Ok(WaitStatus::StillAlive))
}

/// Whether a child ends within a moment, now that it has closed a pipe.
pub fn ends_soon(pid: Pid) -> bool {
    let begun = Instant::now();
    while !has_ended(pid) {
        if begun.elapsed() > MOMENT {
            return false;
        }
        thread::sleep(PAUSE);
    }
    true
}

/// Most memory that a process has had.
pub fn memory_peak(pid: Pid) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

/// Processor time of a process and of the children that it has waited for.
pub fn cpu_seconds(pid: Pid) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let words = stat.rsplit_once(')')?.1.split_whitespace();
    let ticks: f64 = words.skip(11).take(4).filter_map(|word| word.parse::<f64>().ok()).sum();
    Some(ticks / TICKS_PER_S)
}
