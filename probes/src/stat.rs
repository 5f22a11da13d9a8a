//! What the kernel counts since it booted.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Preset, Setting, Spec};
use hostward_model::{Batch, Metric};

static BOOT_TIME: Metric = Metric::gauge("node_boot_time_seconds", "Node boot time, in unixtime.", &[]);
static SWITCHES: Metric =
    Metric::counter("node_context_switches_total", "Total number of context switches.", &[]);
static INTERRUPTS: Metric = Metric::counter("node_intr_total", "Total number of interrupts serviced.", &[]);
static FORKS: Metric = Metric::counter("node_forks_total", "Total number of forks.", &[]);
static RUNNING: Metric =
    Metric::gauge("node_procs_running", "Number of processes in runnable state.", &[]).matters_from(2.0);
static BLOCKED: Metric =
    Metric::gauge("node_procs_blocked", "Number of processes blocked waiting for I/O to complete.", &[])
        .matters_from(2.0);
static SOFTIRQS: Metric =
    Metric::counter("node_softirqs_total", "Number of softirqs serviced by kind.", &["vector"]);

const PATH: &str = "/proc/stat";
/// In the order of the columns: `softirq_to_name` in kernel/softirq.c, which never changed but at its end.
const VECTORS: [&str; 10] =
    ["hi", "timer", "net_tx", "net_rx", "block", "block_iopoll", "tasklet", "sched", "hrtimer", "rcu"];

pub static SPEC: Spec = Spec {
    name: "stat",
    about: "boot time, context switches, interrupts, forks, running and blocked processes",
    doc: "proc_stat(5)",
    reads: &[PATH],
    metrics: &[&BOOT_TIME, &SWITCHES, &INTERRUPTS, &FORKS, &RUNNING, &BLOCKED, &SOFTIRQS],
    settings: &[Setting {
        name: "softirq",
        about: "Whether softirqs are counted by kind.",
        default: Preset::Flag(false),
    }],
    start: |settings| {
        let softirq = settings.flag("softirq");
        Box::new(move |host: &mut Host, out: &mut Batch| parse(host.read(PATH)?, softirq, out))
    },
    ..Spec::INLINE
};

fn parse(text: &str, softirq: bool, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        match line.word() {
            Some("softirq") if softirq => parse_softirq(&mut line, out)?,
            Some(key) => {
                let Some(metric) = metric_of(key) else { continue };
                out.push(metric, &[], line.count()?);
            }
            None => {}
        }
    }
    not_empty(PATH, before, out, "counters since boot")
}

/// The sum, and then a column for each kind; a newer kernel may have more of them.
fn parse_softirq(line: &mut Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    line.count()?;
    for vector in VECTORS {
        out.push(&SOFTIRQS, &[vector], line.count()?);
    }
    Ok(())
}

fn metric_of(key: &str) -> Option<&'static Metric> {
    match key {
        "btime" => Some(&BOOT_TIME),
        "ctxt" => Some(&SWITCHES),
        "intr" => Some(&INTERRUPTS),
        "processes" => Some(&FORKS),
        "procs_running" => Some(&RUNNING),
        "procs_blocked" => Some(&BLOCKED),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::Fault;
    use crate::testing::check;
    use expect_test::expect;
    use hostward_model::Batch;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(text, false, out)
    }

    #[test]
    fn softirqs_by_kind_when_asked_for() {
        let parse = |text: &str, out: &mut Batch| super::parse(text, true, out);
        check(
            parse,
            "ctxt 1\nsoftirq 55 1 2 3 4 5 6 7 8 9 10 11\n",
            expect![[r#"
            node_context_switches_total 1
            node_softirqs_total{vector="hi"} 1
            node_softirqs_total{vector="timer"} 2
            node_softirqs_total{vector="net_tx"} 3
            node_softirqs_total{vector="net_rx"} 4
            node_softirqs_total{vector="block"} 5
            node_softirqs_total{vector="block_iopoll"} 6
            node_softirqs_total{vector="tasklet"} 7
            node_softirqs_total{vector="sched"} 8
            node_softirqs_total{vector="hrtimer"} 9
            node_softirqs_total{vector="rcu"} 10
        "#]],
        );
        check(
            parse,
            "softirq 3 1 2\n",
            expect![[r#"
            node_softirqs_total{vector="hi"} 1
            node_softirqs_total{vector="timer"} 2
            fault malformed: /proc/stat:1: expected a whole number, found ""
        "#]],
        );
    }

    #[test]
    fn the_first_number_of_intr_is_the_sum() {
        check(
            parse,
            "cpu  301854 612\nintr 8885917 17 0 1\nctxt 38014093\nbtime 1418183276\nprocesses 26442\n\
             procs_running 2\nprocs_blocked 0\nsoftirq 5057579 250191\n",
            expect![[r#"
                node_intr_total 8885917
                node_context_switches_total 38014093
                node_boot_time_seconds 1418183276
                node_forks_total 26442
                node_procs_running 2
                node_procs_blocked 0
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named_and_what_came_before_is_kept() {
        check(
            parse,
            "ctxt 12\nbtime yesterday\nprocesses 3\n",
            expect![[r#"
                node_context_switches_total 12
                fault malformed: /proc/stat:2: expected a whole number, found "yesterday"
            "#]],
        );
    }

    #[test]
    fn a_text_without_counters_is_not_an_idle_host() {
        check(
            parse,
            "\n\n",
            expect![[r#"
                fault malformed: /proc/stat:1: expected counters since boot, found ""
            "#]],
        );
    }
}
