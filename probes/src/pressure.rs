//! Time lost waiting for CPU, memory, IO and interrupts (PSI).

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static CPU_WAITING: Metric = Metric::counter(
    "node_pressure_cpu_waiting_seconds_total",
    "Total time in seconds that processes have waited for CPU time.",
    &[],
)
.matters_from(0.02);
static IO_WAITING: Metric = Metric::counter(
    "node_pressure_io_waiting_seconds_total",
    "Total time in seconds that processes have waited due to IO congestion.",
    &[],
)
.matters_from(0.02);
static IO_STALLED: Metric = Metric::counter(
    "node_pressure_io_stalled_seconds_total",
    "Total time in seconds no process could make progress due to IO congestion.",
    &[],
)
.matters_from(0.02);
static MEMORY_WAITING: Metric = Metric::counter(
    "node_pressure_memory_waiting_seconds_total",
    "Total time in seconds that processes have waited for memory.",
    &[],
)
.matters_from(0.02);
static MEMORY_STALLED: Metric = Metric::counter(
    "node_pressure_memory_stalled_seconds_total",
    "Total time in seconds no process could make progress due to memory congestion.",
    &[],
)
.matters_from(0.02);
static IRQ_STALLED: Metric = Metric::counter(
    "node_pressure_irq_stalled_seconds_total",
    "Total time in seconds no process could make progress due to IRQ congestion.",
    &[],
)
.matters_from(0.02);

const CPU: &str = "/proc/pressure/cpu";
const IO: &str = "/proc/pressure/io";
const MEMORY: &str = "/proc/pressure/memory";
/// Since Linux 6.1, and only where the kernel accounts for interrupt time.
const IRQ: &str = "/proc/pressure/irq";

pub static SPEC: Spec = Spec {
    name: "pressure",
    about: "time lost waiting for CPU, memory, IO and interrupts",
    doc: "accounting/psi",
    reads: &[CPU, IO, MEMORY, IRQ],
    metrics: &[&CPU_WAITING, &IO_WAITING, &IO_STALLED, &MEMORY_WAITING, &MEMORY_STALLED, &IRQ_STALLED],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// What one file yields: `some` line, `full` line.
struct Resource {
    file: &'static str,
    waiting: Option<&'static Metric>,
    stalled: Option<&'static Metric>,
}

/// The `full` line of CPU means nothing for a whole host, and the kernel keeps it at zero.
static RESOURCES: [Resource; 4] = [
    Resource { file: CPU, waiting: Some(&CPU_WAITING), stalled: None },
    Resource { file: IO, waiting: Some(&IO_WAITING), stalled: Some(&IO_STALLED) },
    Resource { file: MEMORY, waiting: Some(&MEMORY_WAITING), stalled: Some(&MEMORY_STALLED) },
    Resource { file: IRQ, waiting: None, stalled: Some(&IRQ_STALLED) },
];

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let (irq, all) = (&RESOURCES[3], &RESOURCES[..3]);
    for resource in all {
        match host.read(resource.file) {
            Ok(text) => parse(resource, text, out)?,
            Err(fault) => return Err(absent(fault, out)),
        }
    }
    host.read_if_there(irq.file)?.map_or(Ok(()), |text| parse(irq, text, out))
}

/// A kernel built without PSI has no files; one that booted with `psi=0` has files that cannot be read.
fn absent(fault: Fault, out: &mut Batch) -> Fault {
    if matches!(fault, Fault::Missing { .. } | Fault::Unreadable { .. }) {
        let grant = "needs a kernel with CONFIG_PSI=y, and psi=1 on its command line";
        out.push_gap("/proc/pressure", "pressure is not measured", grant);
    }
    fault
}

/// `some avg10=0.18 avg60=0.34 avg300=0.10 total=159886802`, the total in microseconds.
fn parse(resource: &Resource, text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(resource.file, text) {
        let metric = match line.word() {
            Some("some") => resource.waiting,
            Some("full") => resource.stalled,
            other => return Err(line.fault(other.unwrap_or(""), "some or full")),
        };
        let Some(metric) = metric else { continue };
        let total = std::iter::from_fn(|| line.word()).find_map(|word| word.strip_prefix("total="));
        let micros = line.as_count(total.ok_or_else(|| line.fault("", "total="))?)?;
        // Divided twice, as node_exporter does, so that the last digit agrees.
        out.push(metric, &[], micros / 1000.0 / 1000.0);
    }
    not_empty(resource.file, before, out, "some or full")
}

#[cfg(test)]
mod tests {
    use super::RESOURCES;
    use crate::testing::check;
    use crate::{Fault, Host};
    use expect_test::expect;
    use hostward_model::Batch;

    fn cpu(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(&RESOURCES[0], text, out)
    }

    fn io(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(&RESOURCES[1], text, out)
    }

    #[test]
    fn some_waits_and_full_stalls() {
        check(
            io,
            "some avg10=0.18 avg60=0.34 avg300=0.10 total=159886802\n\
             full avg10=0.18 avg60=0.34 avg300=0.10 total=159229614",
            expect![[r#"
                node_pressure_io_waiting_seconds_total 159.886802
                node_pressure_io_stalled_seconds_total 159.229614
            "#]],
        );
    }

    #[test]
    fn a_kernel_without_psi_is_told_what_it_needs() {
        check(
            |_, out| super::collect(&mut Host::new("/nonexistent"), out),
            "",
            expect![[r#"
                gap /proc/pressure: pressure is not measured (needs a kernel with CONFIG_PSI=y, and psi=1 on its command line)
                fault missing: /proc/pressure/cpu: not on this host
            "#]],
        );
    }

    #[test]
    fn the_full_line_of_cpu_is_left_out() {
        check(
            cpu,
            "some avg10=7.64 avg60=5.85 avg300=2.34 total=22333804\n\
             full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
            expect![[r#"
                node_pressure_cpu_waiting_seconds_total 22.333804
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            io,
            "some avg10=0.18 total=much\n",
            expect![[r#"
                fault malformed: /proc/pressure/io:1: expected a whole number, found "much"
            "#]],
        );
        check(
            io,
            "some total=1\nfull avg10=0.18\n",
            expect![[r#"
                node_pressure_io_waiting_seconds_total 1e-6
                fault malformed: /proc/pressure/io:2: expected total=, found ""
            "#]],
        );
        check(
            io,
            "none total=1\n",
            expect![[r#"
                fault malformed: /proc/pressure/io:1: expected some or full, found "none"
            "#]],
        );
    }
}
