//! Limits that every kernel has.

use crate::Confinement;
use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use nix::unistd::geteuid;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// Address space beside memory of its own: libraries, mapped files and what runtimes reserve without using it.
const RESERVED_BYTES_MAX: u64 = 4 << 30;

/// Sets the limits; gives what the kernel does not enforce here.
pub fn set(confinement: &Confinement, in_cgroup: bool, is_program: bool) -> Result<Option<String>, String> {
    let Confinement { memory_bytes_max, cpu_s_max, processes_max, files_max, file_bytes_max, .. } =
        *confinement;
    both("core files", Resource::RLIMIT_CORE, 0)?;
    both("memory", Resource::RLIMIT_DATA, memory_bytes_max)?;
    both("address space", Resource::RLIMIT_AS, memory_bytes_max.saturating_add(RESERVED_BYTES_MAX))?;
    both("open files", Resource::RLIMIT_NOFILE, files_max)?;
    both("length of files", Resource::RLIMIT_FSIZE, file_bytes_max)?;
    if cpu_s_max > 0 {
        // A program may ignore the first signal; a second later comes the one that it cannot. That of an object is renewed.
        let hard = if is_program { cpu_s_max.saturating_add(1) } else { libc::RLIM_INFINITY };
        let set = setrlimit(Resource::RLIMIT_CPU, cpu_s_max, hard);
        set.map_err(|error| format!("processor time: {error}"))?;
    }
    both("processes", Resource::RLIMIT_NPROC, tasks().saturating_add(processes_max))?;
    let unbounded = geteuid().is_root() && !in_cgroup;
    Ok(unbounded
        .then(|| "processes_max: the kernel does not count those of root, and there is no cgroup".to_owned()))
}

fn both(what: &str, resource: Resource, max: u64) -> Result<(), String> {
    // Never above what is allowed already.
    let hard = nix::sys::resource::getrlimit(resource).map_or(max, |(_, hard)| hard.min(max));
    setrlimit(resource, hard, hard).map_err(|error| format!("{what}: {error}"))
}

/// Gives a process that stays its processor time anew: what it used until now does not count.
pub fn renew_cpu(cpu_s_max: u64) {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return };
    // Rounded up, and a second more: the kernel counts in ticks.
    let used = (usage.user_time() + usage.system_time()).tv_sec() + 2;
    let soft = u64::try_from(used).unwrap_or(0).saturating_add(cpu_s_max);
    // A plugin that raised or lowered the limit itself has only itself to thank: the timeout is the daemon's.
    let _ = setrlimit(Resource::RLIMIT_CPU, soft, libc::RLIM_INFINITY);
}

/// Processes and threads of this process's user: the kernel counts them all against the limit of any.
fn tasks() -> u64 {
    let uid = geteuid().as_raw();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbered = processes
        .filter(|entry| entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit));
    let own = numbered.filter(|entry| entry.metadata().is_ok_and(|of| of.uid() == uid));
    // A directory of n threads has n + 2 links.
    own.map(|entry| fs::metadata(entry.path().join("task")).map_or(1, |of| of.nlink().saturating_sub(2)))
        .sum()
}
