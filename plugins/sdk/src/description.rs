//! What a probe says of itself, before it has measured anything.

use std::time::Duration;

/// What a probe is and measures.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Short and unique: `[a-z][a-z0-9_]*`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Who wrote it; may be empty.
    pub author: &'static str,
    /// A sentence.
    pub about: &'static str,
    /// JSON Schema of the configuration; empty if there is none.
    pub config_schema: &'static str,
    /// How often to ask, unless configured.
    pub interval: Duration,
    /// How long one answer may take, unless configured.
    pub timeout: Duration,
    /// What it needs beyond an ordinary look at the host.
    pub needs: &'static [Need],
    /// What it wants to read that the sandbox may not show.
    pub read_paths: &'static [&'static str],
    /// All that it may emit.
    pub metrics: &'static [Metric],
}

/// What only the administrator's configuration grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Internet sockets.
    Network = hostward_plugin_abi::NEEDS_NETWORK as isize,
    /// Unix sockets.
    LocalSockets = hostward_plugin_abi::NEEDS_LOCAL_SOCKETS as isize,
    /// Devices below `/dev`.
    RawDevices = hostward_plugin_abi::NEEDS_RAW_DEVICES as isize,
    /// The user root.
    Root = hostward_plugin_abi::NEEDS_ROOT as isize,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, whole.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
    /// The base unit with which the name ends (before `_total`); may be empty.
    pub unit: &'static str,
    /// A sentence.
    pub help: &'static str,
    /// Names of its labels.
    pub labels: &'static [&'static str],
    /// There are never more series than this.
    pub series_max: u32,
}

/// What kind of value a metric has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge = hostward_plugin_abi::GAUGE as isize,
    /// Only grows; the name ends with `_total`.
    Counter = hostward_plugin_abi::COUNTER as isize,
    /// Its labels are what it says, its value is 1; the name ends with `_info`.
    Info = hostward_plugin_abi::INFO as isize,
}

impl Description {
    /// A description with the usual interval (10 s) and timeout (5 s), and no needs.
    pub const fn new(
        name: &'static str,
        version: &'static str,
        about: &'static str,
        metrics: &'static [Metric],
    ) -> Self {
        Description {
            name,
            version,
            author: "",
            about,
            config_schema: "",
            interval: Duration::from_secs(10),
            timeout: Duration::from_secs(5),
            needs: &[],
            read_paths: &[],
            metrics,
        }
    }
}

impl Metric {
    /// A gauge without labels.
    pub const fn gauge(name: &'static str, help: &'static str) -> Self {
        Metric { name, kind: Kind::Gauge, unit: "", help, labels: &[], series_max: 100 }
    }

    /// A counter without labels.
    pub const fn counter(name: &'static str, help: &'static str) -> Self {
        Metric { kind: Kind::Counter, ..Metric::gauge(name, help) }
    }

    /// A metric that speaks with its labels.
    pub const fn info(name: &'static str, help: &'static str) -> Self {
        Metric { kind: Kind::Info, ..Metric::gauge(name, help) }
    }

    /// With this unit.
    pub const fn unit(self, unit: &'static str) -> Self {
        Metric { unit, ..self }
    }

    /// With these labels.
    pub const fn labels(self, labels: &'static [&'static str]) -> Self {
        Metric { labels, ..self }
    }

    /// With at most so many series.
    pub const fn series_max(self, series_max: u32) -> Self {
        Metric { series_max, ..self }
    }
}
