//! The configuration: every key with its default and its sentence, and where the files are.

mod address;
mod check;
mod error;
mod load;
mod locate;
mod probe;
mod receivers;
mod reference;
mod section;
mod units;

#[cfg(test)]
mod tests;

pub use address::{Address, Addresses};
pub use check::{INTERVAL_MAX, INTERVAL_MIN};
pub use load::paths;
pub use probe::ProbeConfig;
pub use receivers::{Alerts, InhibitionRule, Receiver};
pub use reference::reference;
pub use units::{Size, Span};

use section::{KeyDoc, section};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How the host is looked at.
    pub sampling: Sampling,
    /// Where others come and read.
    pub listen: Listen,
    /// What raises an alert.
    pub rules: Rules,
    /// How much is remembered.
    pub engine: Engine,
    /// What is told of what is unusual.
    pub anomaly: Anomaly,
    /// How much is proposed.
    pub outbox: Outbox,
    /// What is said in the journal.
    pub log: Log,
    /// What alerts carry when they leave this host.
    pub alerts: Alerts,
    /// Who is told of alerts, by name.
    pub receivers: BTreeMap<String, Receiver>,
    /// Which alerts hide others, by name.
    pub inhibitions: BTreeMap<String, InhibitionRule>,
    /// Settings of single probes, by name.
    pub probes: BTreeMap<String, ProbeConfig>,
}

section! {
    /// How the host is looked at.
    Sampling {
        /// Time between two looks at the host, aligned to the clock; 1s to 2m.
        interval: Span = Span::seconds(10),
        /// How long a probe that can block may take before it is given up for this time and reported.
        deadline: Span = Span::seconds(2),
    }
}

section! {
    /// Where others come and read.
    Listen {
        /// Address of /metrics and the health pages, which are read-only, or a list of addresses: an IP address
        /// with its port, or unix: and a path. Sockets that systemd hands over take its place.
        metrics: Addresses = Addresses::everywhere(19100),
        /// TLS, users and headers for /metrics: a file in the format of Prometheus' web.config.yml. A change of
        /// that file, or of a certificate that it names, is taken while running.
        web_config: Option<PathBuf> = None,
        /// Unix socket of the command line. Unless set: hostward.sock in /run/hostward as a service or as root,
        /// else, and always with --state-dir, in the state directory.
        socket: Option<PathBuf> = None,
    }
}

section! {
    /// What raises an alert.
    Rules {
        /// Whether rules are evaluated at all.
        enabled: bool = true,
        /// How often groups without an interval of their own are evaluated; at least 1s.
        evaluation: Span = Span::seconds(10),
        /// Directories of rule files (*.yml, *.yaml) in Prometheus' format. A file with the name of a built-in one
        /// takes its place; an empty file switches it off.
        dirs: Vec<PathBuf> = vec![PathBuf::from(crate::content::RULE_DIR)],
        /// Whether the rules that come with hostward are used.
        builtin: bool = true,
        /// Labels of this host, such as a site; templates of rules see them as $externalLabels.
        external_labels: BTreeMap<String, String> = BTreeMap::new(),
    }
}

section! {
    /// How much is remembered. At each bound the oldest goes, or the newcomer is refused and counted.
    Engine {
        /// Memory for the history of samples; the oldest samples go first. At least 1MiB.
        history: Size = Size::mebibytes(8),
        /// Most series that are followed; a new one beyond it is refused and counted.
        series_max: usize = 20_000,
        /// Most anomalies that are exported at once; the strongest stay.
        anomalies_max: usize = 50,
    }
}

section! {
    /// What is told of what is unusual.
    Anomaly {
        /// How many alerts a week anomalies may raise on a quiet host, of all series together: the level from which an
        /// incident alerts is set by it. 0 means none.
        false_alarms_per_week: f64 = 1.0,
    }
}

section! {
    /// How much is proposed.
    Outbox {
        /// Most scripts that are kept; the oldest go.
        kept_max: usize = 200,
        /// Most scripts that are written in an hour; more are counted and left out.
        per_hour_max: usize = 20,
    }
}

section! {
    /// What is said in the journal.
    Log {
        /// Least severity of what is written: error, warn, info, debug or trace.
        level: Level = Level::Info,
    }
}

/// Severity of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something is broken.
    Error,
    /// Something is not as it should be.
    Warn,
    /// What happens.
    Info,
    /// Why it happens.
    Debug,
    /// Every step.
    Trace,
}

impl From<Level> for tracing::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => tracing::Level::ERROR,
            Level::Warn => tracing::Level::WARN,
            Level::Info => tracing::Level::INFO,
            Level::Debug => tracing::Level::DEBUG,
            Level::Trace => tracing::Level::TRACE,
        }
    }
}

impl Config {
    /// The settings of a probe; the defaults when the files do not speak of it.
    pub fn probe(&self, name: &str) -> ProbeConfig {
        self.probes.get(name).cloned().unwrap_or_default()
    }

    /// What the engine is told.
    pub fn settings(&self) -> hostward_engine::Settings {
        hostward_engine::Settings {
            interval_ms: self.sampling.interval.ms(),
            evaluation_ms: self.rules.evaluation.ms(),
            history_bytes_max: self.engine.history.bytes(),
            series_max: self.engine.series_max,
            anomalies_max: self.engine.anomalies_max,
            false_alarms_per_week: self.anomaly.false_alarms_per_week,
            ..Default::default()
        }
    }
}
