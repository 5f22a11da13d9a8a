//! Watchdogs: devices that restart the machine when nobody tends them.

use crate::{Fault, Host, Spec, attributes};
use hostward_model::{Batch, Metric};

const NAME: &[&str] = &["name"];

static BOOT_STATUS: Metric =
    Metric::gauge("node_watchdog_bootstatus", "Why the machine started last, as bits (WDIOF_*).", NAME);
static FIRMWARE: Metric =
    Metric::gauge("node_watchdog_fw_version", "Version of the firmware of the watchdog.", NAME);
static NO_WAY_OUT: Metric = Metric::gauge(
    "node_watchdog_nowayout",
    "Whether the watchdog cannot be stopped once it runs; 0 or 1.",
    NAME,
);
static LEFT: Metric = Metric::gauge(
    "node_watchdog_timeleft_seconds",
    "Seconds until the machine is restarted, if nobody tends the watchdog.",
    NAME,
);
static TIMEOUT: Metric = Metric::gauge(
    "node_watchdog_timeout_seconds",
    "Seconds for which the watchdog can go without being tended.",
    NAME,
);
static PRETIMEOUT: Metric = Metric::gauge(
    "node_watchdog_pretimeout_seconds",
    "Seconds before a restart at which it is announced.",
    NAME,
);
static ACCESS: Metric =
    Metric::gauge("node_watchdog_access_cs0", "Whether the machine started from the other flash chip.", NAME);
static INFO: Metric = Metric::gauge(
    "node_watchdog_info",
    "What is not a number in /sys/class/watchdog/<watchdog>; the value is always 1.",
    &["name", "options", "identity", "state", "status", "pretimeout_governor"],
);

static NUMBERS: [(&str, &Metric); 7] = [
    ("bootstatus", &BOOT_STATUS),
    ("fw_version", &FIRMWARE),
    ("nowayout", &NO_WAY_OUT),
    ("timeleft", &LEFT),
    ("timeout", &TIMEOUT),
    ("pretimeout", &PRETIMEOUT),
    ("access_cs0", &ACCESS),
];

const DIRECTORY: &str = "/sys/class/watchdog";

pub static SPEC: Spec = Spec {
    name: "watchdog",
    about: "watchdogs and the time they have left",
    doc: "ABI/testing/sysfs-class-watchdog",
    reads: &[DIRECTORY],
    metrics: &[&BOOT_STATUS, &FIRMWARE, &NO_WAY_OUT, &LEFT, &TIMEOUT, &PRETIMEOUT, &ACCESS, &INFO],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    // The driver asks its hardware for the time left.
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let watchdogs = attributes::entries(host, DIRECTORY, out)?;
    if watchdogs.is_empty() {
        return Err(Fault::Missing { what: format!("{DIRECTORY}/watchdog*") });
    }
    watchdogs.iter().map(|watchdog| collect_one(host, watchdog, out)).fold(Ok(()), Result::and)
}

fn collect_one(host: &mut Host, watchdog: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/{watchdog}");
    let texts: Vec<String> =
        INFO.labels[1..].iter().map(|file| attributes::label(host, &directory, file)).collect();
    let labels: Vec<&str> = std::iter::once(watchdog).chain(texts.iter().map(String::as_str)).collect();
    out.push(&INFO, &labels, 1.0);
    for (file, metric) in &NUMBERS {
        if let Some(value) = host.number(format_args!("{directory}/{file}"))? {
            out.push(metric, &[watchdog], value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn two_watchdogs() {
        let files = [
            ("/sys/class/watchdog/watchdog0/identity", "Software Watchdog\n"),
            ("/sys/class/watchdog/watchdog0/options", "0x8380\n"),
            ("/sys/class/watchdog/watchdog0/timeleft", "300\n"),
            ("/sys/class/watchdog/watchdog0/timeout", "long\n"),
            ("/sys/class/watchdog/watchdog1/uevent", "\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_watchdog_info{name="watchdog0",options="0x8380",identity="Software Watchdog",state="",status="",pretimeout_governor=""} 1
            node_watchdog_timeleft_seconds{name="watchdog0"} 300
            node_watchdog_info{name="watchdog1",options="",identity="",state="",status="",pretimeout_governor=""} 1
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /sys/class/watchdog: not on this host
        "#]],
        );
    }
}
