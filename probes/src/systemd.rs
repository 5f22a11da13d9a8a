//! Units of systemd and their states, as node_exporter's collector tells them.
//!
//! PID 1 must put together every property of every unit to answer, so this is off unless it is wanted; the probe
//! `restarts` tells at a fraction of the cost what failed and what was started again.

use crate::systemctl::{self, Unit};
use crate::{Fault, Filter, Host, Preset, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;

static UNITS: Metric = Metric::gauge("node_systemd_units", "Summary of systemd unit states", &["state"]);
static STATE: Metric = Metric::gauge("node_systemd_unit_state", "Systemd unit", &["name", "state", "type"]);
static START_TIME: Metric = Metric::gauge(
    "node_systemd_unit_start_time_seconds",
    "Start time of the unit since unix epoch in seconds.",
    &["name"],
);
static RESTARTS: Metric = Metric::counter(
    "node_systemd_service_restart_total",
    "Service unit count of Restart triggers",
    &["name"],
);
static TASKS: Metric =
    Metric::gauge("node_systemd_unit_tasks_current", "Current number of tasks per Systemd unit", &["name"]);
static TASKS_MAX: Metric =
    Metric::gauge("node_systemd_unit_tasks_max", "Maximum number of tasks per Systemd unit", &["name"]);
static LAST_TRIGGER: Metric = Metric::gauge(
    "node_systemd_timer_last_trigger_seconds",
    "Seconds since epoch of last trigger.",
    &["name"],
);
static ACCEPTED: Metric = Metric::counter(
    "node_systemd_socket_accepted_connections_total",
    "Total number of accepted socket connections",
    &["name"],
);
static CONNECTIONS: Metric = Metric::gauge(
    "node_systemd_socket_current_connections",
    "Current number of socket connections",
    &["name"],
);
/// A gauge there, whatever its name says.
static REFUSED: Metric = Metric::gauge(
    "node_systemd_socket_refused_connections_total",
    "Total number of refused socket connections",
    &["name"],
);
static RUNNING: Metric = Metric::gauge(
    "node_systemd_system_running",
    "Whether the system is operational (see 'systemctl is-system-running')",
    &[],
);
static VERSION: Metric = Metric::gauge("node_systemd_version", "Detected systemd version", &["version"]);
static VIRTUALIZATION: Metric = Metric::gauge(
    "node_systemd_virtualization_info",
    "Detected virtualization technology",
    &["virtualization_type"],
);

/// States that are always told of a unit, and always counted.
const STATES: [&str; 5] = ["active", "activating", "deactivating", "inactive", "failed"];
const OF_UNITS: [&str; 4] = [
    "show",
    "--all",
    "*",
    "--property=Id,LoadState,ActiveState,Type,NRestarts,ActiveEnterTimestamp,LastTriggerUSec,NAccepted,NConnections,\
     NRefused,TasksCurrent,TasksMax",
];
const OF_SYSTEM: [&str; 2] = ["show", "--property=Version,Virtualization,SystemState"];

pub static SPEC: Spec = Spec {
    name: "systemd",
    about: "state of each systemd unit, timers, sockets, and of the system as a whole",
    doc: "org.freedesktop.systemd1(5), systemctl(1)",
    reads: &[systemctl::BOOTED],
    metrics: &[
        &UNITS,
        &STATE,
        &START_TIME,
        &RESTARTS,
        &TASKS,
        &TASKS_MAX,
        &LAST_TRIGGER,
        &ACCEPTED,
        &CONNECTIONS,
        &REFUSED,
        &RUNNING,
        &VERSION,
        &VIRTUALIZATION,
    ],
    every_ms: 15_000,
    deadline_ms: systemctl::DEADLINE_MS,
    enabled: false,
    settings: &[
        Setting {
            name: "unit_include",
            about: "Units that are told one by one, as a regular expression.",
            default: Preset::Pattern(".+"),
        },
        Setting {
            name: "unit_exclude",
            about: "Units that are not told one by one, as a regular expression.",
            default: Preset::Pattern(r".+\.(automount|device|mount|scope|slice)"),
        },
        Setting {
            name: "enable_task_metrics",
            about: "Whether the tasks of each service and their limit are told.",
            default: Preset::Flag(false),
        },
        Setting {
            name: "enable_restarts_metrics",
            about: "Whether the restarts of each service are told.",
            default: Preset::Flag(false),
        },
        Setting {
            name: "enable_start_time_metrics",
            about: "Whether the start of each active unit is told.",
            default: Preset::Flag(false),
        },
    ],
    start: |settings| {
        let wanted = Wanted::new(settings);
        Box::new(move |host: &mut Host, out: &mut Batch| collect(host, &wanted, out))
    },
    ..Spec::ASIDE
};

struct Wanted {
    filter: Filter,
    tasks: bool,
    restarts: bool,
    start_times: bool,
}

impl Wanted {
    fn new(settings: &Settings) -> Self {
        Wanted {
            filter: settings.filter("unit_include", "unit_exclude"),
            tasks: settings.flag("enable_task_metrics"),
            restarts: settings.flag("enable_restarts_metrics"),
            start_times: settings.flag("enable_start_time_metrics"),
        }
    }
}

fn collect(host: &mut Host, wanted: &Wanted, out: &mut Batch) -> Result<(), Fault> {
    system(&systemctl::ask(host, &OF_SYSTEM)?, out);
    units(&systemctl::ask(host, &OF_UNITS)?, wanted, out)
}

fn system(answer: &str, out: &mut Batch) {
    let Some(system) = systemctl::units(answer).next() else { return };
    let version = system.text("Version");
    if let Some(number) = version_number(version) {
        out.push(&VERSION, &[version], number);
    }
    let virtualization =
        Some(system.text("Virtualization")).filter(|kind| !kind.is_empty()).unwrap_or("none");
    out.push(&VIRTUALIZATION, &[virtualization], 1.0);
    let state = system.text("SystemState");
    if !state.is_empty() {
        out.push(&RUNNING, &[], f64::from(state == "running"));
    }
}

/// `252.39` of `252.39-1~deb12u2`.
fn version_number(version: &str) -> Option<f64> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let mut parts = version[..end].split('.');
    let (major, minor) = (parts.next()?, parts.next().filter(|minor| !minor.is_empty()));
    minor.map_or_else(|| major.to_owned(), |minor| format!("{major}.{minor}")).parse().ok()
}

fn units(answer: &str, wanted: &Wanted, out: &mut Batch) -> Result<(), Fault> {
    let mut counts: BTreeMap<&str, u64> = STATES.iter().map(|state| (*state, 0)).collect();
    let is_whole = |unit: &Unit<'_>| !unit.id().is_empty() && !unit.text("ActiveState").is_empty();
    for unit in systemctl::units(answer).filter(is_whole) {
        *counts.entry(unit.text("ActiveState")).or_default() += 1;
        if unit.text("LoadState") == "loaded" && wanted.filter.takes(unit.id()) {
            push(unit, wanted, out);
        }
    }
    if counts.values().all(|count| *count == 0) {
        return Err(Fault::malformed("systemctl show", 1, answer.lines().next().unwrap_or(""), "units"));
    }
    for (state, count) in counts {
        out.push(&UNITS, &[state], count as f64);
    }
    Ok(())
}

fn push(unit: Unit<'_>, wanted: &Wanted, out: &mut Batch) {
    let (name, now) = (unit.id(), unit.text("ActiveState"));
    let (_, kind) = name.rsplit_once('.').unwrap_or((name, ""));
    let unit_type = if matches!(kind, "service" | "mount") { unit.text("Type") } else { "" };
    for state in STATES {
        out.push(&STATE, &[name, state, unit_type], f64::from(state == now));
    }
    let start = unit.seconds("ActiveEnterTimestamp").filter(|_| wanted.start_times && now == "active");
    let count = |key, wanted: bool| unit.count(key).filter(|_| wanted).map(|count| count as f64);
    let is = |wanted| kind == wanted;
    let values = [
        (&START_TIME, start),
        (&RESTARTS, count("NRestarts", wanted.restarts && is("service"))),
        (&TASKS, count("TasksCurrent", wanted.tasks && is("service"))),
        (&TASKS_MAX, count("TasksMax", wanted.tasks && is("service"))),
        (&LAST_TRIGGER, unit.seconds("LastTriggerUSec").filter(|_| is("timer"))),
        (&ACCEPTED, count("NAccepted", is("socket"))),
        (&CONNECTIONS, count("NConnections", is("socket"))),
        (&REFUSED, count("NRefused", is("socket"))),
    ];
    for (metric, value) in values.into_iter().filter_map(|(metric, value)| Some((metric, value?))) {
        out.push(metric, &[name], value);
    }
}

#[cfg(test)]
mod tests;
