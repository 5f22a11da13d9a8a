//! How often the processor slowed itself down because it was hot.

use crate::{Fault, Host, Spec, attributes};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;

static CORE: Metric = Metric::counter(
    "node_cpu_core_throttles_total",
    "Number of times this CPU core has been throttled.",
    &["core", "package"],
);
static PACKAGE: Metric = Metric::counter(
    "node_cpu_package_throttles_total",
    "Number of times this CPU package has been throttled.",
    &["package"],
);

const DIRECTORY: &str = "/sys/devices/system/cpu";

pub static SPEC: Spec = Spec {
    name: "throttle",
    about: "thermal throttling of CPU cores and packages, which only Intel's processors count",
    doc: "ABI/testing/sysfs-devices-system-cpu",
    reads: &[DIRECTORY],
    metrics: &[&CORE, &PACKAGE],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// Counts by label; threads of one core and cores of one package tell the same, so the first is taken.
#[derive(Default)]
struct Counts {
    packages: BTreeMap<i64, f64>,
    cores: BTreeMap<(i64, i64), f64>,
}

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let (mut counts, mut result) = (Counts::default(), Ok(()));
    for cpu in attributes::numbered(host, DIRECTORY, "cpu", out)? {
        result = result.and(take(host, &cpu, &mut counts));
    }
    if counts.cores.is_empty() && counts.packages.is_empty() && result.is_ok() {
        return Err(Fault::Missing { what: format!("{DIRECTORY}/cpu*/thermal_throttle") });
    }
    push(&counts, out);
    result
}

/// A processor that does not count has no such files, and costs two looks.
fn take(host: &mut Host, cpu: &str, counts: &mut Counts) -> Result<(), Fault> {
    let mut number = |file: &str| attributes::number(host, &format!("{DIRECTORY}/cpu{cpu}/{file}"));
    let of_package = number("thermal_throttle/package_throttle_count")?;
    let of_core = number("thermal_throttle/core_throttle_count")?;
    if of_package.is_none() && of_core.is_none() {
        return Ok(());
    }
    let (package, core) = (number("topology/physical_package_id")?, number("topology/core_id")?);
    let (Some(package), Some(core)) = (package, core) else { return Ok(()) };
    let (package, core) = (package as i64, core as i64);
    if let Some(count) = of_package {
        counts.packages.entry(package).or_insert(count);
    }
    if let Some(count) = of_core {
        counts.cores.entry((core, package)).or_insert(count);
    }
    Ok(())
}

fn push(counts: &Counts, out: &mut Batch) {
    for ((core, package), count) in &counts.cores {
        out.push(&CORE, &[&core.to_string(), &package.to_string()], *count);
    }
    for (package, count) in &counts.packages {
        out.push(&PACKAGE, &[&package.to_string()], *count);
    }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    const FILES: [(&str, &str); 9] = [
        ("/sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n"),
        ("/sys/devices/system/cpu/cpu0/topology/core_id", "10\n"),
        ("/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "5\n"),
        ("/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count", "30\n"),
        ("/sys/devices/system/cpu/cpu1/topology/physical_package_id", "0\n"),
        ("/sys/devices/system/cpu/cpu1/topology/core_id", "10\n"),
        ("/sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "6\n"),
        ("/sys/devices/system/cpu/cpu2/topology/core_id", "0\n"),
        ("/sys/devices/system/cpu/cpufreq/boost", "1\n"),
    ];

    #[test]
    fn threads_of_a_core_count_once() {
        check_host(
            &SPEC,
            &[],
            &FILES,
            expect![[r#"
            node_cpu_core_throttles_total{core="10",package="0"} 5
            node_cpu_package_throttles_total{package="0"} 30
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &FILES[7..],
            expect![[r#"
            fault missing: /sys/devices/system/cpu/cpu*/thermal_throttle: not on this host
        "#]],
        );
    }

    #[test]
    fn nonsense_is_named_and_hides_nothing_else() {
        let file = "/sys/devices/system/cpu/cpu3/thermal_throttle/core_throttle_count";
        let mut files = FILES.to_vec();
        files.push((file, "often\n"));
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_cpu_core_throttles_total{core="10",package="0"} 5
            node_cpu_package_throttles_total{package="0"} 30
            fault malformed: /sys/devices/system/cpu/cpu3/thermal_throttle/core_throttle_count:1: expected a whole number, found "often"
        "#]],
        );
    }
}
