//! Processes: how many in which state, and which programs use the processors and the memory.
//!
//! States are counted from `/proc/PID/stat`; sysinfo's refresh costs thirty times as much, so it runs only for
//! the programs, with processor time and memory and nothing else.

mod groups;
mod stat;

use crate::{Fault, Host, Probe, Spec};
use groups::Programs;
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
    about: "processes by state, and the programs that use most processor time and memory",
    doc: "proc_pid_stat(5)",
    reads: &["/proc/PID/stat", PID_MAX, THREADS_MAX],
    metrics: &[
        &STATE,
        &PIDS,
        &THREADS,
        &MAX_PROCESSES,
        &MAX_THREADS,
        &groups::CPU,
        &groups::RESIDENT,
        &groups::COUNT,
    ],
    every_ms: EVERY_MS,
    start: |_| Box::new(Processes { programs: None }),
    ..Spec::ASIDE
};

/// Remembers processor times: sysinfo's list of processes.
struct Processes {
    programs: Option<Programs>,
}

impl Probe for Processes {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        count(host, out)?;
        if host.is_live() {
            self.programs.get_or_insert_default().collect(out)
        } else {
            out.push_gap("hostward_process_group_*", "needs the live host, not a captured tree", "");
            Ok(())
        }
    }
}

fn count(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let pids = pids(host)?;
    if host.is_live() && pids.first() != Some(&1) {
        // Counting the few that are visible would give numbers that look right.
        let grant = "only own processes are visible: mount /proc with gid= of a group that hostward is in";
        return Err(Fault::Denied { what: "/proc".to_owned(), grant: grant.to_owned() });
    }
    tally(pids.iter().filter_map(|pid| stat(host, *pid)), out)?;
    for (metric, path) in [(&MAX_PROCESSES, PID_MAX), (&MAX_THREADS, THREADS_MAX)] {
        out.push(metric, &[], number(path, host.read(path)?)?);
    }
    Ok(())
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

fn tally(stats: impl Iterator<Item = Result<Stat, Fault>>, out: &mut Batch) -> Result<(), Fault> {
    let (mut states, mut pids, mut threads) = (BTreeMap::<char, u64>::new(), 0, 0);
    for stat in stats {
        let stat = stat?;
        *states.entry(stat.state).or_default() += 1;
        pids += 1;
        threads += stat.threads;
    }
    for (state, count) in states {
        out.push(&STATE, &[state.encode_utf8(&mut [0; 4])], count as f64);
    }
    out.push(&PIDS, &[], f64::from(pids));
    out.push(&THREADS, &[], threads as f64);
    Ok(())
}

fn number(path: &str, text: &str) -> Result<f64, Fault> {
    let word = text.trim();
    word.parse::<u64>().map(|n| n as f64).map_err(|_| Fault::malformed(path, 1, word, "a number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, exposition};
    use expect_test::expect;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        tally(text.lines().map(|line| stat::parse("/proc/PID/stat", line)), out)
    }

    #[test]
    fn states_and_threads_add_up() {
        check(
            parse,
            "1 (systemd) S 0 1 1 0 -1 4194560 9 0 8 0 1 2 3 4 20 0 1 0 2 17 3\n\
             7 (a (b) R) R 1 1 1 0 -1 4194560 9 0 8 0 1 2 3 4 20 0 12 0 2 17 3\n\
             9 (kworker/0:1) I 2 0 0 0 -1 4194560 9 0 8 0 1 2 3 4 20 0 1 0 2 0 0\n",
            expect![[r#"
                node_processes_state{state="I"} 1
                node_processes_state{state="R"} 1
                node_processes_state{state="S"} 1
                node_processes_pids 3
                node_processes_threads 14
            "#]],
        );
        check(
            parse,
            "1 (x) S 0 1\n",
            expect![[r#"
            fault malformed: /proc/PID/stat:1: expected the fields of a process, found "1 (x) S 0 1"
        "#]],
        );
    }

    #[test]
    fn a_captured_tree_has_no_programs() {
        let root = std::env::temp_dir().join(format!("hostward-processes-{}", std::process::id()));
        for (path, text) in [
            ("proc/3/stat", "3 (bash) S 0 1 1 0 -1 4194560 9 0 8 0 1 2 3 4 20 0 2 0 2 17 3\n"),
            ("proc/sys/kernel/pid_max", "123\n"),
            ("proc/sys/kernel/threads-max", "7801\n"),
            ("proc/4/other", ""),
        ] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut batch = Batch::new();
        SPEC.instance().collect(&mut Host::new(&root), &mut batch).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        expect![[r#"
            node_processes_state{state="S"} 1
            node_processes_pids 1
            node_processes_threads 2
            node_processes_max_processes 123
            node_processes_max_threads 7801
            gap hostward_process_group_*: needs the live host, not a captured tree ()
        "#]]
        .assert_eq(&exposition(&batch));
    }

    #[test]
    fn this_process_is_among_its_programs() {
        let (mut host, mut batch, mut probe) = (Host::new("/"), Batch::new(), SPEC.instance());
        probe.collect(&mut host, &mut batch).unwrap();
        let names = |batch: &Batch| batch.samples().map(|s| s.metric.name).collect::<Vec<_>>();
        assert!(names(&batch).contains(&"hostward_process_group_resident_bytes"));
        assert!(!names(&batch).contains(&"hostward_process_group_cpu_cores"), "a rate from one sample");
        let busy = std::time::Instant::now();
        while busy.elapsed() < std::time::Duration::from_millis(150) {}
        batch.clear();
        probe.collect(&mut host, &mut batch).unwrap();
        assert!(names(&batch).contains(&"hostward_process_group_cpu_cores"));
    }
}
