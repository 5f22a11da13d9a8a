//! How each CPU gets on with the packets that arrive.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
use std::fmt::Write;

const CPU: &[&str] = &["cpu"];

static PROCESSED: Metric =
    Metric::counter("node_softnet_processed_total", "Number of processed packets", CPU);
static DROPPED: Metric = Metric::counter("node_softnet_dropped_total", "Number of dropped packets", CPU);
static SQUEEZED: Metric = Metric::counter(
    "node_softnet_times_squeezed_total",
    "Number of times processing packets ran out of quota",
    CPU,
);
static COLLISION: Metric = Metric::counter(
    "node_softnet_cpu_collision_total",
    "Number of times the lock of a device was taken while transmitting",
    CPU,
);
static RECEIVED_RPS: Metric = Metric::counter(
    "node_softnet_received_rps_total",
    "Number of times another CPU woke this one up to process packets",
    CPU,
);
static FLOW_LIMIT: Metric = Metric::counter(
    "node_softnet_flow_limit_count_total",
    "Number of times flow limit has been reached",
    CPU,
);
static BACKLOG: Metric = Metric::gauge("node_softnet_backlog_len", "Packets that wait in the backlog", CPU);

/// Columns that are used; the ones between them are always zero.
static COLUMNS: [(usize, &Metric); 7] = [
    (0, &PROCESSED),
    (1, &DROPPED),
    (2, &SQUEEZED),
    (8, &COLLISION),
    (9, &RECEIVED_RPS),
    (10, &FLOW_LIMIT),
    (11, &BACKLOG),
];
/// The number of the CPU, since Linux 5.10; before, the number of the line.
const COLUMN_OF_CPU: usize = 12;
/// What every kernel since 2.6.23 prints.
const COLUMNS_MIN: usize = 9;
const COLUMNS_MAX: usize = 13;

const PATH: &str = "/proc/net/softnet_stat";

pub static SPEC: Spec = Spec {
    name: "softnet",
    about: "packets received by CPU: processed, dropped, out of time",
    doc: "networking/scaling",
    reads: &[PATH],
    metrics: &[&PROCESSED, &DROPPED, &SQUEEZED, &COLLISION, &RECEIVED_RPS, &FLOW_LIMIT, &BACKLOG],
    start: |_| {
        let mut label = String::new();
        Box::new(move |host: &mut Host, out: &mut Batch| parse(host.read(PATH)?, &mut label, out))
    },
    ..Spec::INLINE
};

/// A line of hexadecimal numbers for each CPU that is online; newer kernels have more columns. A column that a
/// kernel does not have gives no sample.
fn parse(text: &str, label: &mut String, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for (index, mut line) in lines(PATH, text).enumerate() {
        let mut values = [0; COLUMNS_MAX];
        let count = read(&mut line, &mut values)?;
        let cpu = if count > COLUMN_OF_CPU { values[COLUMN_OF_CPU] } else { index as u64 };
        label.clear();
        let _ = write!(label, "{cpu}");
        for (column, metric) in COLUMNS.iter().filter(|(column, _)| *column < count) {
            out.push(metric, &[label], values[*column] as f64);
        }
    }
    not_empty(PATH, before, out, "a line for each CPU")
}

fn read(line: &mut Line<'_>, values: &mut [u64; COLUMNS_MAX]) -> Result<usize, Fault> {
    let mut count = 0;
    for value in values {
        let Some(word) = line.word() else { break };
        *value = line.as_hex(word)?;
        count += 1;
    }
    if count < COLUMNS_MIN { Err(line.fault("", "at least nine columns")) } else { Ok(count) }
}

#[cfg(test)]
mod tests {
    use crate::Fault;
    use crate::testing::check;
    use expect_test::expect;
    use hostward_model::Batch;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(text, &mut String::new(), out)
    }

    #[test]
    fn the_number_of_a_cpu_is_in_the_line_since_linux_5_10() {
        check(
            parse,
            "0004fe29 00000002 0000000a 0 0 0 0 0 00000001 00000003 00000004 00000005 0000000b 00000000 00000000\n",
            expect![[r#"
                node_softnet_processed_total{cpu="11"} 327209
                node_softnet_dropped_total{cpu="11"} 2
                node_softnet_times_squeezed_total{cpu="11"} 10
                node_softnet_cpu_collision_total{cpu="11"} 1
                node_softnet_received_rps_total{cpu="11"} 3
                node_softnet_flow_limit_count_total{cpu="11"} 4
                node_softnet_backlog_len{cpu="11"} 5
            "#]],
        );
    }

    #[test]
    fn columns_that_an_old_kernel_lacks_are_absent() {
        check(
            parse,
            "00049279 00000000 00000001 0 0 0 0 0 0\n000dfb82 00000029 0000000a 0 0 0 0 0 0\n",
            expect![[r#"
                node_softnet_processed_total{cpu="0"} 299641
                node_softnet_dropped_total{cpu="0"} 0
                node_softnet_times_squeezed_total{cpu="0"} 1
                node_softnet_cpu_collision_total{cpu="0"} 0
                node_softnet_processed_total{cpu="1"} 916354
                node_softnet_dropped_total{cpu="1"} 41
                node_softnet_times_squeezed_total{cpu="1"} 10
                node_softnet_cpu_collision_total{cpu="1"} 0
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "1 2 3\n",
            expect![[r#"
                fault malformed: /proc/net/softnet_stat:1: expected at least nine columns, found ""
            "#]],
        );
        check(
            parse,
            "1 2 three\n",
            expect![[r#"
                fault malformed: /proc/net/softnet_stat:1: expected a hexadecimal number, found "three"
            "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
                fault malformed: /proc/net/softnet_stat:1: expected a line for each CPU, found ""
            "#]],
        );
    }
}
