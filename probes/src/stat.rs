//! What the kernel counts since it booted.

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static BOOT_TIME: Metric = Metric::gauge("node_boot_time_seconds", "Node boot time, in unixtime.", &[]);
static SWITCHES: Metric =
    Metric::counter("node_context_switches_total", "Total number of context switches.", &[]);
static INTERRUPTS: Metric = Metric::counter("node_intr_total", "Total number of interrupts serviced.", &[]);
static FORKS: Metric = Metric::counter("node_forks_total", "Total number of forks.", &[]);
static RUNNING: Metric = Metric::gauge("node_procs_running", "Number of processes in runnable state.", &[]);
static BLOCKED: Metric =
    Metric::gauge("node_procs_blocked", "Number of processes blocked waiting for I/O to complete.", &[]);

const PATH: &str = "/proc/stat";

pub static SPEC: Spec = Spec {
    name: "stat",
    about: "boot time, context switches, interrupts, forks, running and blocked processes",
    doc: "proc_stat(5)",
    reads: &[PATH],
    metrics: &[&BOOT_TIME, &SWITCHES, &INTERRUPTS, &FORKS, &RUNNING, &BLOCKED],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        let Some(metric) = line.word().and_then(metric_of) else { continue };
        out.push(metric, &[], line.count()?);
    }
    not_empty(PATH, before, out, "counters since boot")
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
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

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
