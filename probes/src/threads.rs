//! Threads by state: a file for each thread is read, which is why the probe of processes does not do it.

use crate::processes::{PIDS_MAX, pids};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;

static STATE: Metric =
    Metric::gauge("node_processes_threads_state", "Number of threads in each state.", &["thread_state"]);

pub static SPEC: Spec = Spec {
    name: "threads",
    about: "threads by state; reads a file for each",
    doc: "proc_pid_task(5)",
    reads: &["/proc/PID/task/TID/stat"],
    metrics: &[&STATE],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let pids = pids(host)?;
    if host.is_live() && pids.first() != Some(&1) {
        // Counting the few that are visible would give numbers that look right.
        let grant = "only own processes are visible: mount /proc with gid= of a group that hostward is in";
        return Err(Fault::Denied { what: "/proc".to_owned(), grant: grant.to_owned() });
    }
    let (mut states, mut result) = (BTreeMap::new(), Ok(()));
    for pid in pids {
        result = result.and(count(host, pid, &mut states));
    }
    for (state, count) in states {
        out.push(&STATE, &[char::encode_utf8(state, &mut [0; 4])], f64::from(count));
    }
    result
}

/// Threads of a process that ended meanwhile are not there any more.
fn count(host: &mut Host, pid: u32, states: &mut BTreeMap<char, u32>) -> Result<(), Fault> {
    for thread in host.names(&format!("/proc/{pid}/task"), PIDS_MAX).unwrap_or_default() {
        if let Ok(Some(text)) = host.attribute(format_args!("/proc/{pid}/task/{thread}/stat")) {
            let expected = "the state of a thread";
            let state =
                state(text).ok_or_else(|| Fault::malformed("/proc/PID/task/TID/stat", 1, text, expected));
            *states.entry(state?).or_default() += 1;
        }
    }
    Ok(())
}

/// The name stands in brackets and may hold brackets and blanks, so the last bracket ends it.
fn state(text: &str) -> Option<char> {
    text.rsplit_once(')')?.1.trim_start().chars().next()
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn states() {
        let files = [
            ("/proc/3/task/3/stat", "3 (x) S 0 1 1 0\n"),
            ("/proc/3/task/4/stat", "4 (a) R (b) D 0 1 1 0\n"),
            ("/proc/7/task/7/stat", "7 (y) S 0 1 1 0\n"),
            ("/proc/8/stat", "8 (z) S 0 1 1 0\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_processes_threads_state{thread_state="D"} 1
            node_processes_threads_state{thread_state="S"} 2
        "#]],
        );
    }

    #[test]
    fn nonsense_is_named_and_hides_nothing_else() {
        let files = [("/proc/3/task/3/stat", "3 x\n"), ("/proc/7/task/7/stat", "7 (y) S 0\n")];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_processes_threads_state{thread_state="S"} 1
            fault malformed: /proc/PID/task/TID/stat:1: expected the state of a thread, found "3 x"
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /proc: not on this host
        "#]],
        );
    }
}
