//! Processes: how many in which state, and what each program uses.
//!
//! One reading of `/proc/PID/stat` serves both. sysinfo's refresh of the same costs many times as much, for it reads
//! several files more of each process; the tests hold the figures against it.

mod groups;
mod program;
mod stat;

use crate::{Fault, Host, Preset, Probe, Setting, Spec};
use groups::{Groups, Sight};
use hostward_model::{Batch, Metric};
pub(crate) use stat::Stat;
use std::collections::BTreeMap;

static STATE: Metric =
    Metric::gauge("node_processes_state", "Number of processes in each state.", &["state"]);
static PIDS: Metric = Metric::gauge("node_processes_pids", "Number of PIDs", &[]);
static THREADS: Metric = Metric::gauge("node_processes_threads", "Allocated threads in system", &[]);
static MAX_PROCESSES: Metric = Metric::gauge("node_processes_max_processes", "Number of max PIDs limit", &[]);
static MAX_THREADS: Metric =
    Metric::gauge("node_processes_max_threads", "Limit of threads in the system", &[]);

const PID_MAX: &str = "/proc/sys/kernel/pid_max";
const THREADS_MAX: &str = "/proc/sys/kernel/threads-max";

/// Processes looked at; the kernel's own bound on 64-bit hosts.
pub(crate) const PIDS_MAX: usize = 1 << 22;

const EVERY_MS: u64 = 10_000;

pub static SPEC: Spec = Spec {
    name: "processes",
    about: "processes by state, and processor time, memory, disk traffic and open files by program",
    doc: "proc_pid_stat(5), proc_pid_io(5), proc_pid_fd(5)",
    reads: &["/proc/PID/stat", "/proc/PID/io", "/proc/PID/fd", PID_MAX, THREADS_MAX],
    metrics: &[
        &STATE,
        &PIDS,
        &THREADS,
        &MAX_PROCESSES,
        &MAX_THREADS,
        &groups::CPU,
        &groups::RESIDENT,
        &groups::COUNT,
        &groups::READ,
        &groups::WRITTEN,
        &groups::FILES,
    ],
    every_ms: EVERY_MS,
    settings: &[Setting {
        name: "top",
        about: "How many programs have series of their own, by processor time, memory, disk traffic and open files; the \
                rest is summed under `other`.",
        default: Preset::Number(20),
    }],
    start: |settings| Box::new(Processes { groups: Groups::new(settings.number("top")) }),
    ..Spec::ASIDE
};

struct Processes {
    groups: Groups,
}

#[derive(Default)]
struct Tally {
    states: BTreeMap<char, u64>,
    pids: u64,
    threads: u64,
}

impl Probe for Processes {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let pids = visible(host)?;
        let sight = Sight::of(host, out);
        let (mut tally, mut first_fault) = (Tally::default(), Ok(()));
        self.groups.begin();
        for pid in pids {
            match read(host, pid) {
                Ok(Some(stat)) => {
                    tally.add(&stat);
                    self.groups.add(host, sight, pid, &stat);
                }
                Ok(None) => {}
                Err(fault) => first_fault = first_fault.and(Err(fault)),
            }
        }
        tally.push(out);
        self.groups.finish(out);
        first_fault.and_then(|()| limits(host, out))
    }
}

/// Counting the few that are visible would give numbers that look right.
fn visible(host: &Host) -> Result<Vec<u32>, Fault> {
    let pids = pids(host)?;
    if host.is_live() && pids.first() != Some(&1) {
        let grant = "only own processes are visible: mount /proc with gid= of a group that hostward is in";
        return Err(Fault::Denied { what: "/proc".to_owned(), grant: grant.to_owned() });
    }
    Ok(pids)
}

fn limits(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    for (metric, path) in [(&MAX_PROCESSES, PID_MAX), (&MAX_THREADS, THREADS_MAX)] {
        out.push(metric, &[], number(path, host.read(path)?)?);
    }
    Ok(())
}

/// Nothing when the process ended meanwhile.
fn read(host: &mut Host, pid: u32) -> Result<Option<Stat>, Fault> {
    let Ok(Some(text)) = host.attribute(format_args!("/proc/{pid}/stat")) else { return Ok(None) };
    stat::parse("/proc/PID/stat", text).map(Some)
}

impl Tally {
    fn add(&mut self, stat: &Stat) {
        *self.states.entry(stat.state).or_default() += 1;
        self.pids += 1;
        self.threads = self.threads.saturating_add(stat.threads);
    }

    fn push(&self, out: &mut Batch) {
        for (state, count) in &self.states {
            out.push(&STATE, &[state.encode_utf8(&mut [0; 4])], *count as f64);
        }
        out.push(&PIDS, &[], self.pids as f64);
        out.push(&THREADS, &[], self.threads as f64);
    }
}

/// Process numbers, ascending.
pub(crate) fn pids(host: &Host) -> Result<Vec<u32>, Fault> {
    let names = host.names("/proc", PIDS_MAX)?;
    let mut pids: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
    pids.sort_unstable();
    Ok(pids)
}

/// What `/proc/PID/stat` says, unless the process ended meanwhile.
pub(crate) fn stat(host: &Host, pid: u32) -> Option<Result<Stat, Fault>> {
    let path = format!("/proc/{pid}/stat");
    let text = host.bytes(&path).ok()?;
    Some(stat::parse(&path, &String::from_utf8_lossy(&text)))
}

fn number(path: &str, text: &str) -> Result<f64, Fault> {
    let word = text.trim();
    word.parse::<u64>().map(|n| n as f64).map_err(|_| Fault::malformed(path, 1, word, "a number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

    const TREE: &str = "
/proc/3/stat 3 (bash) S 0 1 1 0 -1 4194560 9 0 8 0 100 50 3 4 20 0 2 0 2 17 3|
/proc/3/io rchar: 9|wchar: 9|read_bytes: 4096|write_bytes: 512|cancelled_write_bytes: 0|
/proc/3/fd/0
/proc/3/fd/1
/proc/7/stat 7 (bash) R 3 1 1 0 -1 4194560 9 0 8 0 100 0 3 4 20 0 12 0 9 17 1|
/proc/9/stat 9 (kworker/0:1) I 2 0 0 0 -1 69238880 9 0 8 0 1 2 3 4 20 0 1 0 2 0 0|
/proc/sys/kernel/pid_max 123|
/proc/sys/kernel/threads-max 7801|
/proc/4/other
";

    #[test]
    fn states_and_programs_add_up() {
        expect![[r#"
            node_processes_state{state="I"} 1
            node_processes_state{state="R"} 1
            node_processes_state{state="S"} 1
            node_processes_pids 3
            node_processes_threads 15
            hostward_process_group_cpu_seconds_total{name="bash"} 2.5
            hostward_process_group_read_bytes_total{name="bash"} 4096
            hostward_process_group_written_bytes_total{name="bash"} 512
            hostward_process_group_resident_bytes{name="bash"} 16384
            hostward_process_group_open_files{name="bash"} 2
            hostward_process_group_processes{name="bash"} 2
            hostward_process_group_cpu_seconds_total{name="kworker"} 0.03
            hostward_process_group_resident_bytes{name="kworker"} 0
            hostward_process_group_processes{name="kworker"} 1
            node_processes_max_processes 123
            node_processes_max_threads 7801
        "#]]
        .assert_eq(&Tree::of_lines(TREE).shown(&SPEC));
    }

    #[test]
    fn one_that_makes_no_sense_is_named_and_hides_no_other() {
        let tree = Tree::of_lines(TREE);
        tree.write("/proc/2/stat", "2 (x) S 0 1\n");
        let shown = tree.shown(&SPEC);
        assert!(shown.contains("node_processes_pids 3\n"), "{shown}");
        expect![[
            r#"fault malformed: /proc/PID/stat:1: expected the fields of a process, found "2 (x) S 0 1""#
        ]]
        .assert_eq(shown.lines().last().unwrap());
    }

    /// Held against sysinfo, on this very process.
    #[test]
    fn this_process_uses_what_sysinfo_says() {
        let busy = std::time::Instant::now();
        while busy.elapsed() < std::time::Duration::from_millis(150) {}
        let own = read(&mut Host::new("/"), std::process::id()).unwrap().unwrap();
        let mut system = System::new().unwrap();
        let kind = ProcessRefreshKind::nothing().without_tasks().with_cpu().with_memory();
        let pid = Pid::from_u32(std::process::id());
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
        let theirs = system.process(pid).unwrap();
        assert_eq!(own.comm, theirs.name().to_string_lossy());
        assert!(own.cpu_ticks > 0 && (own.cpu_ticks * 10).abs_diff(theirs.accumulated_cpu_time()) < 500);
        assert!((own.resident_pages * 4096).abs_diff(theirs.memory()) < theirs.memory() / 2);
    }
}
