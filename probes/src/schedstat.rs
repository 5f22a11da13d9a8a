//! How long tasks ran and waited on each CPU.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const CPU: &[&str] = &["cpu"];

static RUNNING: Metric =
    Metric::counter("node_schedstat_running_seconds_total", "Seconds that tasks ran on the CPU.", CPU);
static WAITING: Metric = Metric::counter(
    "node_schedstat_waiting_seconds_total",
    "Seconds that tasks were ready to run and waited for the CPU; several can wait at a time.",
    CPU,
);
static TIMESLICES: Metric =
    Metric::counter("node_schedstat_timeslices_total", "Turns that tasks had on the CPU.", CPU);

const PATH: &str = "/proc/schedstat";
/// Columns before the three that are told: yields and wake-ups, whose meaning changed between versions.
const COLUMNS_BEFORE: usize = 6;
const NANOSECONDS: f64 = 1e9;

pub static SPEC: Spec = Spec {
    name: "schedstat",
    about: "time that tasks ran on, and waited for, each CPU",
    doc: "scheduler/sched-stats.rst",
    reads: &[PATH],
    metrics: &[&RUNNING, &WAITING, &TIMESLICES],
    // The file has lines about each domain of each CPU, too: milliseconds on a host of hundreds of CPUs.
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// Lines about scheduling domains stand between those of the CPUs.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        if let Some(cpu) = line.word().and_then(|word| word.strip_prefix("cpu")) {
            parse_cpu(cpu, &mut line, out)?;
        }
    }
    not_empty(PATH, before, out, "a line for each CPU")
}

fn parse_cpu(cpu: &str, line: &mut Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    cpu.parse::<u32>().map_err(|_| line.fault(cpu, "the number of a CPU"))?;
    for _ in 0..COLUMNS_BEFORE {
        line.count()?;
    }
    out.push(&RUNNING, &[cpu], line.count()? / NANOSECONDS);
    out.push(&WAITING, &[cpu], line.count()? / NANOSECONDS);
    out.push(&TIMESLICES, &[cpu], line.count()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn a_cpu_and_its_domain() {
        check(
            parse,
            "version 15\ntimestamp 15819019232\ncpu0 498494191 0 3533438552 2553969831 3853684107 2465731542 \
             2045936778163039 343796328169361 4767485306\ndomain0 00000000,00000003 212499247 210112015\n",
            expect![[r#"
                node_schedstat_running_seconds_total{cpu="0"} 2045936.778163039
                node_schedstat_waiting_seconds_total{cpu="0"} 343796.328169361
                node_schedstat_timeslices_total{cpu="0"} 4767485306
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "version 15\ncpu0 1 2 3 4 5 6 7000000000\n",
            expect![[r#"
            node_schedstat_running_seconds_total{cpu="0"} 7
            fault malformed: /proc/schedstat:2: expected a whole number, found ""
        "#]],
        );
        check(
            parse,
            "cpux 1 2 3 4 5 6 7 8 9\n",
            expect![[r#"
            fault malformed: /proc/schedstat:1: expected the number of a CPU, found "x"
        "#]],
        );
        check(
            parse,
            "version 17\n",
            expect![[r#"
            fault malformed: /proc/schedstat:1: expected a line for each CPU, found ""
        "#]],
        );
    }
}
