//! Kernel samepage merging: memory that is shared because it is equal.

use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static SCANS: Metric =
    Metric::counter("node_ksmd_full_scans_total", "Times that all mergeable memory was scanned.", &[]);
static PROFIT: Metric = Metric::gauge(
    "node_ksmd_general_profit_bytes",
    "Bytes that merging saves, less what its bookkeeping takes; can be negative.",
    &[],
);
static ACROSS: Metric = Metric::gauge(
    "node_ksmd_merge_across_nodes",
    "Whether pages of different NUMA nodes may be merged; 0 or 1.",
    &[],
);
static SHARED: Metric = Metric::gauge("node_ksmd_pages_shared", "Shared pages in use.", &[]);
static SHARING: Metric =
    Metric::gauge("node_ksmd_pages_sharing", "Pages that are not needed because others are shared.", &[]);
static TO_SCAN: Metric =
    Metric::gauge("node_ksmd_pages_to_scan", "Pages that are scanned before ksmd sleeps.", &[]);
static UNSHARED: Metric = Metric::gauge(
    "node_ksmd_pages_unshared",
    "Pages that are checked again and again and have no equal.",
    &[],
);
static VOLATILE: Metric =
    Metric::gauge("node_ksmd_pages_volatile", "Pages that change too fast to be merged.", &[]);
static RUN: Metric =
    Metric::gauge("node_ksmd_run", "What ksmd does: 0 stopped, 1 running, 2 unmerging.", &[]);
static SLEEP: Metric =
    Metric::gauge("node_ksmd_sleep_seconds", "Seconds that ksmd sleeps between two scans.", &[]);

/// File, metric, and what the number is divided by.
static FILES: [(&str, &Metric, f64); 10] = [
    ("full_scans", &SCANS, 1.0),
    ("general_profit", &PROFIT, 1.0),
    ("merge_across_nodes", &ACROSS, 1.0),
    ("pages_shared", &SHARED, 1.0),
    ("pages_sharing", &SHARING, 1.0),
    ("pages_to_scan", &TO_SCAN, 1.0),
    ("pages_unshared", &UNSHARED, 1.0),
    ("pages_volatile", &VOLATILE, 1.0),
    ("run", &RUN, 1.0),
    ("sleep_millisecs", &SLEEP, 1000.0),
];

const DIRECTORY: &str = "/sys/kernel/mm/ksm";

pub static SPEC: Spec = Spec {
    name: "ksmd",
    about: "memory that is shared because it is equal",
    doc: "admin-guide/mm/ksm.rst",
    reads: &[DIRECTORY],
    metrics: &[&SCANS, &PROFIT, &ACROSS, &SHARED, &SHARING, &TO_SCAN, &UNSHARED, &VOLATILE, &RUN, &SLEEP],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for (file, metric, divisor) in &FILES {
        if let Some(value) = host.number(format_args!("{DIRECTORY}/{file}"))? {
            out.push(metric, &[], value / divisor);
        }
    }
    if out.len() > before { Ok(()) } else { Err(Fault::Missing { what: DIRECTORY.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn what_a_kernel_does_not_count_is_absent() {
        let files = [
            ("/sys/kernel/mm/ksm/full_scans", "323\n"),
            ("/sys/kernel/mm/ksm/general_profit", "-64\n"),
            ("/sys/kernel/mm/ksm/run", "?\n"),
            ("/sys/kernel/mm/ksm/sleep_millisecs", "20\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_ksmd_full_scans_total 323
            node_ksmd_general_profit_bytes -64
            node_ksmd_sleep_seconds 0.02
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /sys/kernel/mm/ksm: not on this host
        "#]],
        );
    }
}
