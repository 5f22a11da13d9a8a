//! Health of disks as they tell it themselves: SMART of ATA and SCSI, and its NVMe counterpart.
//!
//! Temperatures are read from sysfs, where anybody may. The rest only `smartctl` can ask for, and only with
//! rights that hostward does not have unless it is given them; without, that is a gap with the way to it.

mod program;
mod report;

use crate::attributes;
use crate::{Fault, Filter, Host, Preset, Probe, Setting, Spec};
use hostward_model::{Batch, Metric};
use program::Held;
use report::Report;
use std::time::{Duration, Instant};

const LABELS: &[&str] = &["device", "model"];

static INFO: Metric = Metric::gauge(
    "hostward_smart_info",
    "A disk that answers for its health; the value is always 1.",
    &["device", "firmware", "model", "protocol", "serial"],
);
static HEALTHY: Metric = Metric::gauge(
    "hostward_smart_healthy",
    "What a disk says of itself as a whole: 1 is passed, 0 is failing.",
    LABELS,
);
static TEMPERATURE: Metric =
    Metric::gauge("hostward_smart_temperature_celsius", "Temperature of a disk.", LABELS);
static POWER_ON: Metric = Metric::counter(
    "hostward_smart_power_on_seconds_total",
    "Time that a disk has been running in its life.",
    LABELS,
);
static REALLOCATED: Metric = Metric::gauge(
    "hostward_smart_reallocated_sectors",
    "Sectors that a disk has replaced by spare ones.",
    LABELS,
);
static PENDING: Metric = Metric::gauge(
    "hostward_smart_pending_sectors",
    "Sectors that a disk could not read and will replace when they are written.",
    LABELS,
);
static UNCORRECTABLE: Metric = Metric::gauge(
    "hostward_smart_uncorrectable_sectors",
    "Sectors that a disk found unreadable when it tested itself.",
    LABELS,
);
static MEDIA_ERRORS: Metric = Metric::counter(
    "hostward_smart_media_errors_total",
    "Errors that a disk could not correct, in its life.",
    LABELS,
);
static USED: Metric = Metric::gauge(
    "hostward_smart_endurance_used_ratio",
    "Share of its endurance that a disk has used up by its own estimate; it may go beyond 1.",
    LABELS,
);
static SPARE: Metric = Metric::gauge(
    "hostward_smart_available_spare_ratio",
    "Share of its spare capacity that a disk has left.",
    LABELS,
);
static SPARE_THRESHOLD: Metric = Metric::gauge(
    "hostward_smart_available_spare_threshold_ratio",
    "Share of spare capacity below which a disk warns.",
    LABELS,
);
static WARNING: Metric = Metric::gauge(
    "hostward_smart_critical_warning",
    "Bits that an NVMe disk sets: 1 spare, 2 temperature, 4 reliability, 8 read-only, 16 backup of memory, 32 persistent memory.",
    LABELS,
);

const DIRECTORY: &str = "/sys/block";
const NAMES_MAX: usize = 8192;
/// Disks asked in a run; further ones are a gap.
const DISKS_MAX: usize = 64;
const DEADLINE_MS: u64 = 20_000;
/// What all disks together may take, so that the run ends within its deadline.
const RUN_MS: u64 = 18_000;
/// What one disk may take; one that spins up needs more, but it is not woken.
const DISK_MS: u64 = 5_000;
const MILLI: f64 = 1.0 / 1000.0;

pub static SPEC: Spec = Spec {
    name: "smart",
    about: "health, temperature, wear and errors of disks, through sysfs and smartctl",
    doc: "smartctl(8), hwmon/drivetemp",
    reads: &[DIRECTORY],
    metrics: &[
        &INFO,
        &HEALTHY,
        &TEMPERATURE,
        &POWER_ON,
        &REALLOCATED,
        &PENDING,
        &UNCORRECTABLE,
        &MEDIA_ERRORS,
        &USED,
        &SPARE,
        &SPARE_THRESHOLD,
        &WARNING,
    ],
    every_ms: 1_800_000,
    deadline_ms: DEADLINE_MS,
    settings: &[
        Setting {
            name: "device_include",
            about: "Disks that are asked, by their name in /sys/block.",
            default: Preset::Pattern(r"sd[a-z]+|hd[a-z]|nvme\d+n\d+"),
        },
        Setting { name: "device_exclude", about: "Disks that are left out.", default: Preset::Pattern("") },
    ],
    start: |settings| {
        let disks = settings.filter("device_include", "device_exclude");
        Box::new(Smart { disks, held: Held::default() })
    },
    ..Spec::ASIDE
};

/// Remembers only which disks hold the program that asked them.
struct Smart {
    disks: Filter,
    held: Held,
}

impl Probe for Smart {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let wanted = |name: &str| is_plain(name) && self.disks.takes(name);
        let mut disks = attributes::names(host, DIRECTORY, NAMES_MAX, wanted, out)?;
        if disks.is_empty() {
            return Err(Fault::Missing { what: format!("{DIRECTORY}: a disk with SMART") });
        }
        if let Some(rest @ 1..) = disks.len().checked_sub(DISKS_MAX) {
            disks.truncate(DISKS_MAX);
            out.push_gap(DIRECTORY, &format!("{rest} disks beyond the bound of {DISKS_MAX}"), "");
        }
        ask_all(host, &disks, &mut self.held, out)
    }
}

/// Letters and digits: what is given to a program is nothing else.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Without the program, or where the root is a captured tree, there are temperatures alone.
fn ask_all(host: &mut Host, disks: &[String], held: &mut Held, out: &mut Batch) -> Result<(), Fault> {
    let program = if host.is_live() { program::path() } else { None };
    let end = Instant::now() + Duration::from_millis(RUN_MS);
    for disk in disks {
        let left = end.saturating_duration_since(Instant::now()).min(Duration::from_millis(DISK_MS));
        match program {
            Some(_) if left.is_zero() => {
                out.push_gap(&format!("/dev/{disk}"), "not asked: the others took too long", "");
            }
            Some(program) => {
                let answer = program::ask(program, &format!("/dev/{disk}"), left, held);
                take(host, disk, answer, out)?;
            }
            None => push_temperature(host, disk, out)?,
        }
    }
    match program {
        Some(_) => Ok(()),
        None => Err(Fault::Missing { what: program::NAME.to_owned() }),
    }
}

/// A disk that does not answer is a gap; the others are asked all the same.
fn take(host: &mut Host, disk: &str, answer: Result<String, Fault>, out: &mut Batch) -> Result<(), Fault> {
    let device = format!("/dev/{disk}");
    let before = out.len();
    match answer.and_then(|text| Report::read(&device, &text)) {
        Ok(report) => report.push(disk, out),
        Err(Fault::Denied { grant, .. }) => out.push_gap(&device, "permission", &grant),
        Err(Fault::Unreadable { error, .. }) => out.push_gap(&device, &error, ""),
        Err(fault) => out.push_gap(&device, fault.reason(), ""),
    }
    let told = out.samples().skip(before).any(|sample| sample.metric == &TEMPERATURE);
    if told { Ok(()) } else { push_temperature(host, disk, out) }
}

/// The sensor of an NVMe controller or of the driver `drivetemp`; the first is of the whole disk.
fn push_temperature(host: &mut Host, disk: &str, out: &mut Batch) -> Result<(), Fault> {
    let device = format!("{DIRECTORY}/{disk}/device");
    for directory in [device.clone(), format!("{device}/hwmon")] {
        let Ok(names) = host.names(&directory, NAMES_MAX) else { continue };
        for name in names.iter().filter(|name| name.starts_with("hwmon") && name.len() > "hwmon".len()) {
            if let Some(value) = attributes::number(host, &format!("{directory}/{name}/temp1_input"))? {
                let model = attributes::text(host, &format!("{device}/model"))?.unwrap_or_default();
                out.push(&TEMPERATURE, &[disk, &model], value * MILLI);
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
