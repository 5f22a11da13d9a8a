//! What a configuration must satisfy beyond its syntax.

use super::address::SOCKET_BYTES_MAX;
use super::error::{Complaint, closest};
use super::{Config, InhibitionRule, Plugins, ProbeConfig, Receiver, Size, Span};
use hostward_probes::{PROBES, Spec};
use std::ops::RangeInclusive;
use std::path::Path;

/// The clock of the sampler turns once a second at most.
pub const INTERVAL_MIN: Span = Span::seconds(1);
/// A value counts for 5 minutes after its sample. At twice this interval a single late one would hide a series.
pub const INTERVAL_MAX: Span = Span::seconds(120);
/// A probe that runs more seldom than a day could as well not run.
const PROBE_INTERVAL_MAX: Span = Span::seconds(24 * 3600);
/// More than this is no budget.
const FALSE_ALARMS_MAX: f64 = 10_000.0;
/// Less than the time between two writes makes no sense.
const KEEP_MIN: Span = Span::seconds(3600);
/// An audit reads a thousand files.
const AUDIT_MIN: Span = Span::seconds(600);
/// Nobody is left for longer with a change that did not help.
const AUTO_WAIT: RangeInclusive<Span> = Span::seconds(1)..=Span::seconds(3600);
/// Below this the history does not hold an hour of a small host.
const HISTORY_MIN: Size = Size::mebibytes(1);

/// The first thing that is wrong, in the order of the reference.
pub fn first_complaint(config: &Config) -> Option<Complaint> {
    let times = [
        ("sampling.interval", config.sampling.interval, INTERVAL_MIN),
        ("rules.evaluation", config.rules.evaluation, INTERVAL_MIN),
        ("rules.budget", config.rules.budget, Span::milliseconds(1)),
    ];
    times
        .into_iter()
        .find_map(|(key, value, least)| at_least(key, value, least))
        .or_else(|| often_enough("sampling.interval", config.sampling.interval))
        .or_else(|| deadline(config))
        .or_else(|| config.probes.keys().find_map(|name| probe(config, name)))
        .or_else(|| absolute("listen.web_config", config.listen.web_config.as_deref()?))
        .or_else(|| socket(config.listen.socket.as_deref()?))
        .or_else(|| config.rules.dirs.iter().find_map(|dir| absolute("rules.dirs", dir)))
        .or_else(|| at_least("engine.history", config.engine.history, HISTORY_MIN))
        .or_else(|| at_least("history.keep", config.history.keep, KEEP_MIN))
        .or_else(|| at_least("history.size", config.history.size, HISTORY_MIN))
        .or_else(|| plugins(&config.plugins))
        .or_else(|| at_least("audit.interval", config.audit.interval, AUDIT_MIN))
        .or_else(|| at_least("audit.settle", config.audit.settle, Span::milliseconds(100)))
        .or_else(|| percent("audit.percent", config.audit.percent))
        .or_else(|| auto_wait(config.outbox.auto_wait))
        .or_else(|| counts(config))
        .or_else(|| false_alarms(config.anomaly.false_alarms_per_week))
        .or_else(|| config.receivers.iter().find_map(|(name, own)| receiver(name, own)))
        .or_else(|| config.inhibitions.iter().find_map(|(name, own)| inhibition(name, own)))
}

fn receiver(name: &str, own: &Receiver) -> Option<Complaint> {
    let (key, message) = crate::receiver::complaint(name, own)?;
    let known = crate::receiver::KINDS.iter().map(|kind| kind.name);
    let hint = if key == "type" { closest(&own.r#type, known).map(str::to_owned) } else { None };
    let key = if key.is_empty() { format!("receivers.{name}") } else { format!("receivers.{name}.{key}") };
    Some(Complaint { key, message, hint })
}

/// Without a source or a target everything would hide, or be hidden.
fn inhibition(name: &str, own: &InhibitionRule) -> Option<Complaint> {
    let sides = [("source", &own.source), ("target", &own.target)];
    let (key, _) = sides.into_iter().find(|(_, matchers)| matchers.is_empty())?;
    Some(complaint(&format!("inhibitions.{name}"), format!("{key} must have a matcher"), None))
}

fn plugins(own: &Plugins) -> Option<Complaint> {
    let paths = [("plugins.directories", &own.directories), ("plugins.link_targets", &own.link_targets)];
    paths
        .into_iter()
        .find_map(|(key, paths)| paths.iter().find_map(|path| absolute(key, path)))
        .or_else(|| absolute("plugins.sha256", own.sha256.as_deref()?))
        .or_else(|| absolute("plugins.minisign_keys", own.minisign_keys.as_deref()?))
        .or_else(|| absolute("plugins.munin_conf", &own.munin_conf))
        .or_else(|| at_least("plugins.interval", own.interval, INTERVAL_MIN))
        .or_else(|| at_least("plugins.timeout", own.timeout, Span::seconds(1)))
        .or_else(|| at_least("plugins.concurrent", own.concurrent, 1))
        .or_else(|| at_least("plugins.memory", own.memory, Size::mebibytes(64)))
        .or_else(|| at_least("plugins.processes_max", own.processes_max, 16))
        .or_else(|| at_least("plugins.cpu_percent_max", own.cpu_percent_max, 10))
}

fn counts(config: &Config) -> Option<Complaint> {
    let counts =
        [("engine.series_max", config.engine.series_max), ("outbox.kept_max", config.outbox.kept_max)];
    counts.into_iter().find_map(|(key, value)| at_least(key, value, 1))
}

fn auto_wait(own: Span) -> Option<Complaint> {
    let message = format!("{own} is not a time from {} to {}", AUTO_WAIT.start(), AUTO_WAIT.end());
    (!AUTO_WAIT.contains(&own)).then(|| complaint("outbox.auto_wait", message, None))
}

fn false_alarms(per_week: f64) -> Option<Complaint> {
    let message = format!("{per_week} is not a number from 0 to {FALSE_ALARMS_MAX}");
    let is_one = (0.0..=FALSE_ALARMS_MAX).contains(&per_week);
    (!is_one).then(|| complaint("anomaly.false_alarms_per_week", message, None))
}

fn percent(key: &str, value: f64) -> Option<Complaint> {
    let message = format!("{value} is not a number from 0.01 to 100");
    (!(0.01..=100.0).contains(&value)).then(|| complaint(key, message, None))
}

fn deadline(config: &Config) -> Option<Complaint> {
    (config.sampling.deadline.ms() == 0)
        .then(|| complaint("sampling.deadline", "must be longer than 0s".to_owned(), None))
}

fn probe(config: &Config, name: &str) -> Option<Complaint> {
    let key = format!("probes.{name}");
    let Some(spec) = PROBES.iter().find(|spec| spec.name == name) else {
        let known = || PROBES.iter().map(|spec| spec.name);
        let message =
            format!("there is no such probe; the probes are {}", known().collect::<Vec<_>>().join(", "));
        return Some(complaint(&key, message, closest(name, known())));
    };
    let probe = &config.probes[name];
    let interval = probe.interval.and_then(|interval| {
        let key = format!("{key}.interval");
        at_least(&key, interval, INTERVAL_MIN).or_else(|| at_most(&key, interval, PROBE_INTERVAL_MAX))
    });
    interval.or_else(|| probe_setting(&key, spec, probe))
}

fn probe_setting(key: &str, spec: &Spec, probe: &ProbeConfig) -> Option<Complaint> {
    let (name, why) = probe.complaint(spec)?;
    let known = ["enabled", "interval"].into_iter().chain(spec.settings.iter().map(|setting| setting.name));
    let hint =
        if spec.settings.iter().any(|setting| setting.name == name) { None } else { closest(name, known) };
    Some(complaint(&format!("{key}.{name}"), why, hint))
}

fn at_most(key: &str, interval: Span, most: Span) -> Option<Complaint> {
    (interval > most).then(|| complaint(key, format!("{interval} is too long; the most is {most}"), None))
}

fn socket(path: &Path) -> Option<Complaint> {
    let long = path.as_os_str().len() > SOCKET_BYTES_MAX;
    let message = format!("is longer than the {SOCKET_BYTES_MAX} bytes that a unix socket can have");
    absolute("listen.socket", path).or_else(|| long.then(|| complaint("listen.socket", message, None)))
}

fn absolute(key: &str, path: &Path) -> Option<Complaint> {
    let message = format!("{:?} must start with a slash", path.display().to_string());
    (!path.is_absolute()).then(|| complaint(key, message, None))
}

fn at_least<T: PartialOrd + std::fmt::Display>(key: &str, value: T, least: T) -> Option<Complaint> {
    (value < least).then(|| complaint(key, format!("{value} is too small; the least is {least}"), None))
}

fn often_enough(key: &str, interval: Span) -> Option<Complaint> {
    let message = format!(
        "{interval} is too long; the most is {INTERVAL_MAX}: a value counts for 5 minutes after its sample, and \
         with longer intervals series would come and go"
    );
    (interval > INTERVAL_MAX).then(|| complaint(key, message, None))
}

fn complaint(key: &str, message: String, hint: Option<&str>) -> Complaint {
    Complaint { key: key.to_owned(), message, hint: hint.map(str::to_owned) }
}
