//! Which figure becomes which metric, for units and containers alike.

use super::figure;
use crate::roster::Row;
use hostward_model::{Batch, Metric};

pub use super::figure::COUNTERS;
/// Gauges follow the counters in a set of figures.
pub const GAUGES: usize = figure::ALL - COUNTERS;

/// A figure and its metric.
#[derive(Debug)]
pub struct Column {
    pub figure: usize,
    pub metric: &'static Metric,
    /// Values of the labels behind those that say whose figure it is.
    pub labels: &'static [&'static str],
    pub divisor: f64,
    /// Whether a sum over several groups means something.
    pub adds_up: bool,
}

/// Pushes what is there of one row; `whose` are the values of the labels that say whose it is.
pub fn push(columns: &'static [Column], row: &Row<'_, COUNTERS, GAUGES>, whose: &[&str], out: &mut Batch) {
    for column in columns {
        let figure = match column.figure.checked_sub(COUNTERS) {
            None => row.counters[column.figure],
            Some(gauge) => row.gauges[gauge],
        };
        let Some(figure) = figure.filter(|_| column.adds_up || row.count == 1 && !row.is_rest) else {
            continue;
        };
        let mut labels = [""; 4];
        let all = whose.iter().chain(column.labels);
        let count = labels.iter_mut().zip(all).map(|(label, value)| *label = value).count();
        out.push(column.metric, &labels[..count], figure as f64 / column.divisor);
    }
}

/// Declares `COLUMNS` and `METRICS` for one kind of thing: the head of the names, what it is, its labels.
macro_rules! columns {
    ($head:literal, $thing:literal, $($whose:literal),+) => {
        use crate::cgroup::Column;
        use crate::cgroup::figure::*;
        use hostward_model::Metric;

        static CPU: Metric = Metric::counter(
            concat!($head, "_cpu_seconds_total"),
            concat!("Processor time that ", $thing, " used, by mode (user, system)."),
            &[$($whose,)+ "mode"],
        );
        static THROTTLED: Metric = Metric::counter(
            concat!($head, "_cpu_throttled_seconds_total"),
            concat!("Time for which ", $thing, " was held back by its processor quota; absent without one."),
            &[$($whose),+],
        );
        static PERIODS: Metric = Metric::counter(
            concat!($head, "_cpu_throttled_periods_total"),
            concat!("Periods in which ", $thing, " used up its processor quota; absent without one."),
            &[$($whose),+],
        );
        static MEMORY: Metric = Metric::gauge(
            concat!($head, "_memory_bytes"),
            concat!("Memory charged to ", $thing, ", page cache included."),
            &[$($whose),+],
        );
        static KINDS: Metric = Metric::gauge(
            concat!($head, "_memory_kind_bytes"),
            concat!("Memory charged to ", $thing, " by kind: anon (its own), file (page cache), kernel."),
            &[$($whose,)+ "kind"],
        );
        static PEAK: Metric = Metric::gauge(
            concat!($head, "_memory_peak_bytes"),
            concat!("Most memory ever charged to ", $thing, "; absent for a sum of several."),
            &[$($whose),+],
        );
        static LIMIT: Metric = Metric::gauge(
            concat!($head, "_memory_limit_bytes"),
            concat!("Memory that ", $thing, " may use; absent without a limit and for a sum of several."),
            &[$($whose),+],
        );
        static SWAPPED: Metric = Metric::gauge(
            concat!($head, "_memory_swap_bytes"),
            concat!("Swap charged to ", $thing, "."),
            &[$($whose),+],
        );
        static OOM: Metric = Metric::counter(
            concat!($head, "_oom_kills_total"),
            concat!("Processes of ", $thing, " that were killed for want of memory."),
            &[$($whose),+],
        );
        static IO_READ: Metric = Metric::counter(
            concat!($head, "_io_read_bytes_total"),
            concat!("Bytes that ", $thing, " read from block devices."),
            &[$($whose),+],
        );
        static IO_WRITTEN: Metric = Metric::counter(
            concat!($head, "_io_written_bytes_total"),
            concat!("Bytes that ", $thing, " wrote to block devices."),
            &[$($whose),+],
        );
        static IO_READS: Metric = Metric::counter(
            concat!($head, "_io_reads_total"),
            concat!("Reads of ", $thing, " from block devices."),
            &[$($whose),+],
        );
        static IO_WRITES: Metric = Metric::counter(
            concat!($head, "_io_writes_total"),
            concat!("Writes of ", $thing, " to block devices."),
            &[$($whose),+],
        );
        static STALLED: Metric = Metric::counter(
            concat!($head, "_pressure_seconds_total"),
            concat!("Time for which some or all (full) tasks of ", $thing, " waited for a resource (cpu, memory, io)."),
            &[$($whose,)+ "resource", "kind"],
        );
        static TASK_COUNT: Metric = Metric::gauge(
            concat!($head, "_tasks"),
            concat!("Processes and threads of ", $thing, "."),
            &[$($whose),+],
        );
        pub static GROUPS: Metric = Metric::gauge(
            concat!($head, "_cgroups"),
            concat!("Control groups that ", $thing, " stands for."),
            &[$($whose),+],
        );

        const fn column(figure: usize, metric: &'static Metric, labels: &'static [&'static str]) -> Column {
            Column { figure, metric, labels, divisor: 1.0, adds_up: true }
        }
        /// The kernel counts microseconds.
        const fn seconds(figure: usize, metric: &'static Metric, labels: &'static [&'static str]) -> Column {
            Column { divisor: 1e6, ..column(figure, metric, labels) }
        }
        const fn alone(figure: usize, metric: &'static Metric) -> Column {
            Column { adds_up: false, ..column(figure, metric, &[]) }
        }

        pub static METRICS: &[&Metric] = &[
            &CPU, &THROTTLED, &PERIODS, &MEMORY, &KINDS, &PEAK, &LIMIT, &SWAPPED, &OOM, &IO_READ, &IO_WRITTEN,
            &IO_READS, &IO_WRITES, &STALLED, &TASK_COUNT, &GROUPS,
        ];

        pub static COLUMNS: &[Column] = &[
            seconds(CPU_USER, &CPU, &["user"]),
            seconds(CPU_SYSTEM, &CPU, &["system"]),
            seconds(THROTTLED_TIME, &THROTTLED, &[]),
            column(THROTTLED_PERIODS, &PERIODS, &[]),
            column(MEMORY_NOW, &MEMORY, &[]),
            column(ANON, &KINDS, &["anon"]),
            column(FILE, &KINDS, &["file"]),
            column(KERNEL, &KINDS, &["kernel"]),
            alone(MEMORY_PEAK, &PEAK),
            alone(MEMORY_LIMIT, &LIMIT),
            column(SWAP, &SWAPPED, &[]),
            column(OOM_KILLS, &OOM, &[]),
            column(READ_BYTES, &IO_READ, &[]),
            column(WRITTEN_BYTES, &IO_WRITTEN, &[]),
            column(READS, &IO_READS, &[]),
            column(WRITES, &IO_WRITES, &[]),
            seconds(PRESSURE, &STALLED, &["cpu", "some"]),
            seconds(PRESSURE + 1, &STALLED, &["cpu", "full"]),
            seconds(PRESSURE + 2, &STALLED, &["memory", "some"]),
            seconds(PRESSURE + 3, &STALLED, &["memory", "full"]),
            seconds(PRESSURE + 4, &STALLED, &["io", "some"]),
            seconds(PRESSURE + 5, &STALLED, &["io", "full"]),
            column(TASKS, &TASK_COUNT, &[]),
        ];
    };
}
pub(crate) use columns;
