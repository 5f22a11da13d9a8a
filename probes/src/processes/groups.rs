//! Processes grouped by program name, through sysinfo.
//!
//! A series per process would grow without end; per name there are the ten that use most, by either measure.

use crate::Fault;
use hostward_model::{Batch, Metric};
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System};

pub static CPU: Metric = Metric::gauge(
    "hostward_process_group_cpu_cores",
    "Processors that the processes of this name kept busy since the run before, for the ten busiest names.",
    &["name"],
);
pub static RESIDENT: Metric = Metric::gauge(
    "hostward_process_group_resident_bytes",
    "Resident memory of the processes of this name, shared pages counted in each, for the ten largest names.",
    &["name"],
);
pub static COUNT: Metric = Metric::gauge(
    "hostward_process_group_processes",
    "Number of processes of this name, for the names in either list.",
    &["name"],
);

const TOP: usize = 10;

/// What one program uses.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Group {
    pub count: u64,
    pub cpu_ms: u64,
    pub resident_bytes: u64,
}

/// Processor time in milliseconds by process number and start.
type Times = HashMap<(Pid, u64), u64>;

/// The processes of the run before.
#[derive(Default)]
pub struct Programs {
    system: Option<System>,
    before: Option<(Instant, Times)>,
}

impl Programs {
    /// Refreshes, groups and pushes; processor use is absent in the first run.
    pub fn collect(&mut self, out: &mut Batch) -> Result<(), Fault> {
        let system = match self.system.take() {
            Some(system) => system,
            None => start()?,
        };
        let system = self.system.insert(system);
        let kind = ProcessRefreshKind::nothing().without_tasks().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        let now = Instant::now();
        let times = system.processes().values().map(|p| (identity(p), p.accumulated_cpu_time())).collect();
        let before = self.before.replace((now, times));
        let groups = group(system.processes().values(), before.as_ref().map(|(_, times)| times));
        let elapsed_ms = before.map(|(then, _)| now.duration_since(then).as_secs_f64() * 1000.0);
        push(&groups, elapsed_ms, out);
        Ok(())
    }
}

fn start() -> Result<System, Fault> {
    System::new().map_err(|error| Fault::Unreadable { what: "/proc".to_owned(), error: format!("{error:?}") })
}

/// A process number is used again; together with the start it is not.
fn identity(process: &Process) -> (Pid, u64) {
    (process.pid(), process.start_time())
}

fn group<'a>(
    processes: impl Iterator<Item = &'a Process>,
    before: Option<&Times>,
) -> BTreeMap<String, Group> {
    let mut groups = BTreeMap::<String, Group>::new();
    for process in processes {
        let name = process.name().to_string_lossy();
        let group = groups.entry(program(&name, process.virtual_memory() == 0).to_owned()).or_default();
        // One that began since then used all of its time since then.
        let then = before.and_then(|times| times.get(&identity(process))).copied().unwrap_or(0);
        group.count += 1;
        group.cpu_ms += process.accumulated_cpu_time().saturating_sub(then);
        group.resident_bytes += process.memory();
    }
    groups
}

/// Kernel threads, which have no memory of their own, carry processor and purpose behind a slash.
fn program(name: &str, kernel: bool) -> &str {
    if kernel { name.split_once('/').map_or(name, |(program, _)| program) } else { name }
}

/// Without `elapsed_ms` there was no run before.
fn push(groups: &BTreeMap<String, Group>, elapsed_ms: Option<f64>, out: &mut Batch) {
    let busiest = elapsed_ms.map(|_| top(groups, |group| group.cpu_ms)).unwrap_or_default();
    let largest = top(groups, |group| group.resident_bytes);
    for (name, group) in &busiest {
        out.push(&CPU, &[name], group.cpu_ms as f64 / elapsed_ms.unwrap_or(f64::NAN));
    }
    for (name, group) in &largest {
        out.push(&RESIDENT, &[name], group.resident_bytes as f64);
    }
    let either: BTreeMap<_, _> = busiest.into_iter().chain(largest).collect();
    for (name, group) in either {
        out.push(&COUNT, &[name], group.count as f64);
    }
}

/// The ten names with most of `measure`; equal ones by name, so that lists are stable.
fn top(groups: &BTreeMap<String, Group>, measure: impl Fn(&Group) -> u64) -> Vec<(&str, Group)> {
    let mut all: Vec<_> = groups.iter().map(|(name, group)| (name.as_str(), *group)).collect();
    all.retain(|(_, group)| measure(group) > 0);
    all.sort_by_key(|(_, group)| std::cmp::Reverse(measure(group)));
    all.truncate(TOP);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::exposition;
    use expect_test::expect;

    fn shown(elapsed_ms: Option<f64>) -> String {
        let groups = [("idle", 0, 0), ("web \"1\"", 500, 10), ("db", 2000, 300)].map(
            |(name, cpu_ms, resident_bytes)| (name.to_owned(), Group { count: 2, cpu_ms, resident_bytes }),
        );
        let mut batch = Batch::new();
        push(&BTreeMap::from(groups), elapsed_ms, &mut batch);
        exposition(&batch)
    }

    #[test]
    fn cores_need_two_runs() {
        expect![[r#"
            hostward_process_group_cpu_cores{name="db"} 2
            hostward_process_group_cpu_cores{name="web \"1\""} 0.5
            hostward_process_group_resident_bytes{name="db"} 300
            hostward_process_group_resident_bytes{name="web \"1\""} 10
            hostward_process_group_processes{name="db"} 2
            hostward_process_group_processes{name="web \"1\""} 2
        "#]]
        .assert_eq(&shown(Some(1000.0)));
        expect![[r#"
            hostward_process_group_resident_bytes{name="db"} 300
            hostward_process_group_resident_bytes{name="web \"1\""} 10
            hostward_process_group_processes{name="db"} 2
            hostward_process_group_processes{name="web \"1\""} 2
        "#]]
        .assert_eq(&shown(None));
    }

    #[test]
    fn ten_names_at_most() {
        let group = |index| (format!("p{index:02}"), Group { count: 1, cpu_ms: 5, resident_bytes: index });
        let groups: BTreeMap<_, _> = (0..40).map(group).collect();
        let names =
            |top: Vec<(&str, Group)>| top.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>();
        let largest = names(top(&groups, |group| group.resident_bytes));
        assert_eq!((largest.len(), largest[0].as_str(), largest[9].as_str()), (10, "p39", "p30"));
        assert_eq!(names(top(&groups, |group| group.cpu_ms))[0], "p00");
    }

    #[test]
    fn kernel_threads_are_grouped_by_purpose() {
        assert_eq!(program("kworker/0:1-events", true), "kworker");
        assert_eq!(program("a/b", false), "a/b");
    }
}
