//! Tasks that got stuck in the kernel.

use crate::words::only_line;
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static TOTAL: Metric = Metric::counter(
    "node_kernel_hung_tasks_total",
    "Tasks that were found stuck since the system booted.",
    &[],
);
/// Dashboards ask for this name.
static COUNT: Metric = Metric::gauge(
    "node_kernel_hung_tasks",
    "Tasks that were found stuck since the system booted; the same as node_kernel_hung_tasks_total.",
    &[],
);

const PATH: &str = "/proc/sys/kernel/hung_task_detect_count";

pub static SPEC: Spec = Spec {
    name: "kernel_hung",
    about: "tasks that got stuck in the kernel, which it counts since Linux 6.13",
    doc: "admin-guide/sysctl/kernel.rst",
    reads: &[PATH],
    metrics: &[&TOTAL, &COUNT],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let count = only_line(PATH, text).count()?;
    out.push(&TOTAL, &[], count);
    out.push(&COUNT, &[], count);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn one_number_under_two_names() {
        check(
            parse,
            "42\n",
            expect![[r#"
            node_kernel_hung_tasks_total 42
            node_kernel_hung_tasks 42
        "#]],
        );
        check(
            parse,
            "none\n",
            expect![[r#"
            fault malformed: /proc/sys/kernel/hung_task_detect_count:1: expected a whole number, found "none"
        "#]],
        );
    }
}
