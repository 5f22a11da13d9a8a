//! Processor time by mode.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Preset, Setting, Spec};
use hostward_model::{Batch, Metric};

static SECONDS: Metric =
    Metric::counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", &["cpu", "mode"])
        .matters_from(0.02);
static GUEST_SECONDS: Metric = Metric::counter(
    "node_cpu_guest_seconds_total",
    "Seconds the CPUs spent in guests (VMs) for each mode; user and nice time contain them.",
    &["cpu", "mode"],
)
.matters_from(0.02);

const PATH: &str = "/proc/stat";
const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
const GUEST_MODES: [&str; 2] = ["user", "nice"];
/// Columns that every kernel since 2.4 prints; the others came later.
const MODES_MIN: usize = 4;
/// `USER_HZ`: part of the kernel's interface to programs, whatever its own tick is.
const TICKS_PER_SECOND: f64 = 100.0;

pub static SPEC: Spec = Spec {
    name: "cpu",
    about: "processor time by CPU and mode",
    doc: "proc_stat(5)",
    reads: &[PATH],
    metrics: &[&SECONDS, &GUEST_SECONDS],
    settings: &[Setting {
        name: "guest",
        about: "Whether the time spent in guests is told apart.",
        default: Preset::Flag(true),
    }],
    start: |settings| {
        let guest = settings.flag("guest");
        Box::new(move |host: &mut Host, out: &mut Batch| parse(host.read(PATH)?, guest, out))
    },
    ..Spec::INLINE
};

/// The `cpu` lines come first; the sum over all CPUs, which has no number, is left to the reader of the metrics.
fn parse(text: &str, guest: bool, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        let Some(cpu) = line.word().and_then(|word| word.strip_prefix("cpu")) else { break };
        if !cpu.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(line.fault(cpu, "the number of a CPU"));
        }
        if !cpu.is_empty() {
            parse_cpu(cpu, &mut line, guest, out)?;
        }
    }
    not_empty(PATH, before, out, "a line for each CPU")
}

fn parse_cpu(cpu: &str, line: &mut Line<'_>, guest: bool, out: &mut Batch) -> Result<(), Fault> {
    for mode in &MODES[..MODES_MIN] {
        out.push(&SECONDS, &[cpu, mode], line.count()? / TICKS_PER_SECOND);
    }
    let later = MODES[MODES_MIN..].iter().map(|mode| (&SECONDS, mode));
    let guest_modes = GUEST_MODES.iter().filter(|_| guest).map(|mode| (&GUEST_SECONDS, mode));
    for (metric, mode) in later.chain(guest_modes) {
        let Some(ticks) = line.next_count() else { break };
        out.push(metric, &[cpu, mode], ticks? / TICKS_PER_SECOND);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Fault;
    use crate::testing::check;
    use expect_test::expect;
    use hostward_model::Batch;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(text, true, out)
    }

    #[test]
    fn a_cpu_of_a_host_with_guests() {
        check(
            parse,
            "cpu  301854 612 111922 8979004 3552 2 3944 0 44 36\n\
             cpu0 44490 19 21045 1087069 220 1 3410 0 2 1\n\
             intr 8885917 17\n",
            expect![[r#"
                node_cpu_seconds_total{cpu="0",mode="user"} 444.9
                node_cpu_seconds_total{cpu="0",mode="nice"} 0.19
                node_cpu_seconds_total{cpu="0",mode="system"} 210.45
                node_cpu_seconds_total{cpu="0",mode="idle"} 10870.69
                node_cpu_seconds_total{cpu="0",mode="iowait"} 2.2
                node_cpu_seconds_total{cpu="0",mode="irq"} 0.01
                node_cpu_seconds_total{cpu="0",mode="softirq"} 34.1
                node_cpu_seconds_total{cpu="0",mode="steal"} 0
                node_cpu_guest_seconds_total{cpu="0",mode="user"} 0.02
                node_cpu_guest_seconds_total{cpu="0",mode="nice"} 0.01
            "#]],
        );
    }

    #[test]
    fn guests_can_be_left_out() {
        check(
            |text, out| super::parse(text, false, out),
            "cpu0 1 2 3 4 5 6 7 8 9 10\n",
            expect![[r#"
            node_cpu_seconds_total{cpu="0",mode="user"} 0.01
            node_cpu_seconds_total{cpu="0",mode="nice"} 0.02
            node_cpu_seconds_total{cpu="0",mode="system"} 0.03
            node_cpu_seconds_total{cpu="0",mode="idle"} 0.04
            node_cpu_seconds_total{cpu="0",mode="iowait"} 0.05
            node_cpu_seconds_total{cpu="0",mode="irq"} 0.06
            node_cpu_seconds_total{cpu="0",mode="softirq"} 0.07
            node_cpu_seconds_total{cpu="0",mode="steal"} 0.08
        "#]],
        );
    }

    #[test]
    fn columns_that_an_old_kernel_lacks_are_absent() {
        check(
            parse,
            "cpu 7 0 2 90\ncpu11 7 0 2 90\n",
            expect![[r#"
                node_cpu_seconds_total{cpu="11",mode="user"} 0.07
                node_cpu_seconds_total{cpu="11",mode="nice"} 0
                node_cpu_seconds_total{cpu="11",mode="system"} 0.02
                node_cpu_seconds_total{cpu="11",mode="idle"} 0.9
            "#]],
        );
    }

    #[test]
    fn a_torn_line_is_named() {
        check(
            parse,
            "cpu 7 0 2 90\ncpu0 7 0\n",
            expect![[r#"
                node_cpu_seconds_total{cpu="0",mode="user"} 0.07
                node_cpu_seconds_total{cpu="0",mode="nice"} 0
                fault malformed: /proc/stat:2: expected a whole number, found ""
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "cpu 1 1 1 1\ncpuzero 1 1 1 1\n",
            expect![[r#"
                fault malformed: /proc/stat:2: expected the number of a CPU, found "zero"
            "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
            fault malformed: /proc/stat:1: expected a line for each CPU, found ""
        "#]],
        );
    }
}
