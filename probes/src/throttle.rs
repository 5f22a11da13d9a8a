//! How often the processor slowed itself down because it was hot.

use crate::words::only_line;
use crate::{Fault, Host, Spec};
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
/// As many as a kernel can be built for (`CONFIG_NR_CPUS`), and the few other names in the directory.
const NAMES_MAX: usize = 8192 + 64;

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
    packages: BTreeMap<String, f64>,
    cores: BTreeMap<(String, String), f64>,
}

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let mut counts = Counts::default();
    for cpu in host.names(DIRECTORY, NAMES_MAX)?.iter().filter(|name| is_cpu(name)) {
        take(host, cpu, &mut counts)?;
    }
    if counts.cores.is_empty() && counts.packages.is_empty() {
        return Err(Fault::Missing { what: format!("{DIRECTORY}/cpu*/thermal_throttle") });
    }
    push(&counts, out);
    Ok(())
}

fn is_cpu(name: &str) -> bool {
    name.strip_prefix("cpu").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

fn take(host: &Host, cpu: &str, counts: &mut Counts) -> Result<(), Fault> {
    let read = |file: &str| number(host, &format!("{DIRECTORY}/{cpu}/{file}"));
    let package_count = read("thermal_throttle/package_throttle_count")?;
    let core_count = read("thermal_throttle/core_throttle_count")?;
    let (Some((package, _)), Some((core, _))) =
        (read("topology/physical_package_id")?, read("topology/core_id")?)
    else {
        return Ok(());
    };
    if let Some((_, count)) = package_count {
        counts.packages.entry(package.clone()).or_insert(count);
    }
    if let Some((_, count)) = core_count {
        counts.cores.entry((core, package)).or_insert(count);
    }
    Ok(())
}

/// The number of a file, as a label and as a value; nothing when there is no such file.
fn number(host: &Host, path: &str) -> Result<Option<(String, f64)>, Fault> {
    let bytes = match host.bytes(path) {
        Ok(bytes) => bytes,
        Err(Fault::Missing { .. }) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut line = only_line(path, &text);
    let word = line.word().unwrap_or("");
    Ok(Some((word.to_owned(), line.as_integer(word)?)))
}

fn push(counts: &Counts, out: &mut Batch) {
    for ((core, package), count) in &counts.cores {
        out.push(&CORE, &[core, package], *count);
    }
    for (package, count) in &counts.packages {
        out.push(&PACKAGE, &[package], *count);
    }
}

#[cfg(test)]
mod tests {
    use super::is_cpu;

    #[test]
    fn only_numbered_directories_are_cpus() {
        assert!(is_cpu("cpu0") && is_cpu("cpu127"));
        assert!(!["cpu", "cpufreq", "cpuidle", "online", "cpu1a"].into_iter().any(is_cpu));
    }
}
