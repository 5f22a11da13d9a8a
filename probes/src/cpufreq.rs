//! Clock frequencies of the CPUs, their limits, and who decides on them.

use crate::{Fault, Host, Spec, attributes};
use hostward_model::{Batch, Metric};

const CPU: &[&str] = &["cpu"];

static NOW: Metric = Metric::gauge(
    "node_cpu_frequency_hertz",
    "Frequency at which the CPU runs, as the hardware tells it.",
    CPU,
);
static MIN: Metric =
    Metric::gauge("node_cpu_frequency_min_hertz", "Lowest frequency that the CPU can run at.", CPU);
static MAX: Metric =
    Metric::gauge("node_cpu_frequency_max_hertz", "Highest frequency that the CPU can run at.", CPU);
static SCALING: Metric = Metric::gauge(
    "node_cpu_scaling_frequency_hertz",
    "Frequency that the kernel last asked of the CPU.",
    CPU,
);
static SCALING_MIN: Metric =
    Metric::gauge("node_cpu_scaling_frequency_min_hertz", "Lowest frequency that the kernel may ask.", CPU);
static SCALING_MAX: Metric =
    Metric::gauge("node_cpu_scaling_frequency_max_hertz", "Highest frequency that the kernel may ask.", CPU);
static GOVERNOR: Metric = Metric::gauge(
    "node_cpu_scaling_governor",
    "Governors that can decide on the frequency of the CPU: 1 for the one that does, 0 for the others.",
    &["cpu", "governor"],
);

/// In kilohertz.
static FILES: [(&str, &Metric); 6] = [
    ("cpuinfo_cur_freq", &NOW),
    ("cpuinfo_min_freq", &MIN),
    ("cpuinfo_max_freq", &MAX),
    ("scaling_cur_freq", &SCALING),
    ("scaling_min_freq", &SCALING_MIN),
    ("scaling_max_freq", &SCALING_MAX),
];

const DIRECTORY: &str = "/sys/devices/system/cpu";
const GRANT: &str = "echo 'z /sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_cur_freq 0440 root hostward' \
                     >/etc/tmpfiles.d/hostward-cpufreq.conf && systemd-tmpfiles --create";

pub static SPEC: Spec = Spec {
    name: "cpufreq",
    about: "clock frequencies of the CPUs, their limits and governors",
    doc: "admin-guide/pm/cpufreq.rst",
    reads: &[DIRECTORY],
    metrics: &[&NOW, &MIN, &MAX, &SCALING, &SCALING_MIN, &SCALING_MAX, &GOVERNOR],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    // Asking for a frequency may interrupt the CPU, or firmware.
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let (before, mut denied) = (out.len(), false);
    for cpu in attributes::numbered(host, DIRECTORY, "cpu", out)? {
        push_frequencies(host, &cpu, &mut denied, out);
        push_governors(host, &cpu, out);
    }
    if denied {
        out.push_gap(NOW.name, "permission", GRANT);
    }
    if out.len() > before {
        return Ok(());
    }
    Err(Fault::Missing { what: format!("{DIRECTORY}/cpu*/cpufreq") })
}

/// The frequency by the hardware may be for root alone, because asking for it is slow.
fn push_frequencies(host: &mut Host, cpu: &str, denied: &mut bool, out: &mut Batch) {
    for (file, metric) in &FILES {
        match host.number(format_args!("{DIRECTORY}/cpu{cpu}/cpufreq/{file}")) {
            Ok(Some(kilohertz)) => out.push(metric, &[cpu], kilohertz * 1000.0),
            Ok(None) => {}
            Err(_) => *denied = true,
        }
    }
}

fn push_governors(host: &mut Host, cpu: &str, out: &mut Batch) {
    let directory = format!("{DIRECTORY}/cpu{cpu}/cpufreq");
    let chosen = attributes::label(host, &directory, "scaling_governor");
    if chosen.is_empty() {
        return;
    }
    for governor in attributes::label(host, &directory, "scaling_available_governors").split_whitespace() {
        out.push(&GOVERNOR, &[cpu, governor], f64::from(governor == chosen));
    }
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn kilohertz_become_hertz() {
        let files = [
            ("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1699981\n"),
            ("/sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "3700000\n"),
            ("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_min_freq", "<unknown>\n"),
            ("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"),
            ("/sys/devices/system/cpu/cpu0/cpufreq/scaling_available_governors", "performance powersave\n"),
            ("/sys/devices/system/cpu/cpu1/online", "0\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_cpu_scaling_frequency_hertz{cpu="0"} 1699981000
            node_cpu_scaling_frequency_max_hertz{cpu="0"} 3700000000
            node_cpu_scaling_governor{cpu="0",governor="performance"} 0
            node_cpu_scaling_governor{cpu="0",governor="powersave"} 1
        "#]],
        );
    }

    #[test]
    fn a_virtual_machine_has_no_frequencies() {
        check_host(
            &SPEC,
            &[],
            &[("/sys/devices/system/cpu/cpu0/online", "1\n")],
            expect![[r#"
            fault missing: /sys/devices/system/cpu/cpu*/cpufreq: not on this host
        "#]],
        );
    }
}
