//! Which CPUs are switched on, and which are kept free of ordinary work.

use crate::{Fault, Host, Spec, attributes, cpulist};
use hostward_model::{Batch, Metric};
use std::ops::RangeInclusive;

static ONLINE: Metric = Metric::gauge("node_cpu_online", "Whether the CPU runs tasks; 0 or 1.", &["cpu"]);
static ISOLATED: Metric = Metric::gauge(
    "node_cpu_isolated",
    "1 for each CPU that the scheduler leaves alone, as the kernel's command line said.",
    &["cpu"],
);

const DIRECTORY: &str = "/sys/devices/system/cpu";

pub static SPEC: Spec = Spec {
    name: "cpu_online",
    about: "which CPUs are online, and which are isolated from the scheduler",
    doc: "ABI/testing/sysfs-devices-system-cpu",
    reads: &[DIRECTORY],
    metrics: &[&ONLINE, &ISOLATED],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let cpus = attributes::numbered(host, DIRECTORY, "cpu", out)?;
    let online = list(host, "online").map(|online| push_online(&cpus, &online, out));
    let isolated = list(host, "isolated").map(|isolated| push_isolated(&isolated, out));
    online.and(isolated)
}

/// An old kernel lacks some of the lists; then nothing is said of them.
fn list(host: &mut Host, file: &str) -> Result<Option<Vec<RangeInclusive<u32>>>, Fault> {
    let text = host.attribute(format_args!("{DIRECTORY}/{file}"))?;
    text.map(|text| cpulist::parse(&format!("{DIRECTORY}/{file}"), text)).transpose()
}

fn push_online(cpus: &[String], online: &Option<Vec<RangeInclusive<u32>>>, out: &mut Batch) {
    let Some(online) = online else { return };
    for cpu in cpus {
        let is_on = cpu.parse().is_ok_and(|cpu: u32| online.iter().any(|range| range.contains(&cpu)));
        out.push(&ONLINE, &[cpu], f64::from(is_on));
    }
}

fn push_isolated(isolated: &Option<Vec<RangeInclusive<u32>>>, out: &mut Batch) {
    for cpu in isolated.iter().flatten().cloned().flatten() {
        out.push(&ISOLATED, &[&cpu.to_string()], 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn one_cpu_is_off_and_two_are_isolated() {
        let files = [
            ("/sys/devices/system/cpu/cpu0/online", "1\n"),
            ("/sys/devices/system/cpu/cpu2/online", "0\n"),
            ("/sys/devices/system/cpu/cpu3/online", "1\n"),
            ("/sys/devices/system/cpu/online", "0-1,3\n"),
            ("/sys/devices/system/cpu/isolated", "2-3\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_cpu_online{cpu="0"} 1
            node_cpu_online{cpu="2"} 0
            node_cpu_online{cpu="3"} 1
            node_cpu_isolated{cpu="2"} 1
            node_cpu_isolated{cpu="3"} 1
        "#]],
        );
    }

    #[test]
    fn a_list_that_makes_no_sense_does_not_hide_the_other() {
        let files = [
            ("/sys/devices/system/cpu/cpu0/x", ""),
            ("/sys/devices/system/cpu/online", "all\n"),
            ("/sys/devices/system/cpu/isolated", "1\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_cpu_isolated{cpu="1"} 1
            fault malformed: /sys/devices/system/cpu/online:1: expected a range of CPUs, found "all"
        "#]],
        );
        check_host(&SPEC, &[], &files[..1], expect![[r#""#]]);
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /sys/devices/system/cpu: not on this host
        "#]],
        );
    }
}
