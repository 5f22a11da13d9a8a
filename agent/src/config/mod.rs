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
    /// How much is remembered on disk.
    pub history: History,
    /// What is told of what is unusual.
    pub anomaly: Anomaly,
    /// How much is proposed.
    pub outbox: Outbox,
    /// Probes from outside.
    pub plugins: Plugins,
    /// How often this host is audited.
    pub audit: Audit,
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
        /// Address of Prometheus' HTTP API, for Grafana and promtool, read-only, such as 127.0.0.1:19101; not served
        /// on a port unless set. One that others than this host can reach needs users or client certificates in
        /// web_config.
        api: Option<Address> = None,
        /// TLS, users and headers for /metrics and the API: a file in the format of Prometheus' web.config.yml. A change of
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
        /// What the rules of one group may cost in one evaluation, counted in samples at 25,000 a millisecond; the rules
        /// after the one that uses it up are skipped and counted. At least 1ms.
        budget: Span = Span::milliseconds(200),
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
    /// How much is remembered on disk, one sample for each 10s, for queries, dashboards and hostward rules backtest.
    /// What is beyond either bound goes, the oldest first.
    History {
        /// Whether samples are written to disk at all; what is there can be read in any case.
        enabled: bool = true,
        /// How long samples are kept; at least 1h.
        keep: Span = Span::seconds(30 * 86_400),
        /// Most that they may take; at least 1MiB. They lie in history below the state directory.
        size: Size = Size::mebibytes(512),
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
        /// Users beside root who may approve and reject scripts, by name.
        approvers: Vec<String> = Vec::new(),
        /// Whether who asked for a script may not be the only one to approve it.
        four_eyes: bool = false,
        /// Fixes, by name, that hostward apply --allowed may apply although nobody has approved their scripts. Only those
        /// count that can be undone without a trace and lock nobody out.
        auto: Vec<String> = Vec::new(),
        /// Most scripts in an hour, those of people included, after which hostward apply --allowed applies no more.
        auto_per_hour_max: usize = 2,
        /// How long what was applied without anybody's approval has to end its alert, from its start: 1s to 1h. What does not is
        /// undone and counts as failed.
        auto_wait: Span = Span::seconds(420),
    }
}

section! {
    /// Probes from outside: files that are dropped into a directory. docs/guide/plugins.md says how.
    Plugins {
        /// Whether plugins run.
        enabled: bool = true,
        /// Directories of plugins; of several with one name the first one's counts. They need not exist.
        directories: Vec<PathBuf> = vec![
            PathBuf::from("/etc/hostward/plugins.d"), PathBuf::from("/usr/lib/hostward/plugins.d"),
        ],
        /// Directories that a link in them may lead to.
        link_targets: Vec<PathBuf> = ["/usr/lib", "/usr/libexec", "/usr/share"].map(PathBuf::from).to_vec(),
        /// Time between two readings of a plugin that says nothing else; Munin's are read once a minute.
        interval: Span = Span::seconds(10),
        /// How long a reading may take before the plugin is ended.
        timeout: Span = Span::seconds(10),
        /// How many plugins are read at once, besides those that stay.
        concurrent: usize = 4,
        /// The user as which root runs plugins. A hostward that is not root runs them as itself.
        user: String = "nobody".to_owned(),
        /// A list of SHA-256 sums, as sha256sum prints it; with one, nothing else runs.
        sha256: Option<PathBuf> = None,
        /// A list of public keys of minisign; with one, nothing runs that is neither signed with one of them (NAME.minisig beside
        /// NAME) nor in sha256.
        minisign_keys: Option<PathBuf> = None,
        /// Shared objects that are loaded into hostward itself, by name. That saves each a process, and takes away all that
        /// keeps hostward safe from them: they can crash it, hang in it, and read and change all that it can.
        in_process: Vec<String> = Vec::new(),
        /// Most memory of all plugins together, and of hostward what is left of its service's MemoryMax; where the service may
        /// make control groups (Delegate=). At least 64MiB.
        memory: Size = Size::mebibytes(384),
        /// Most processes and threads of all plugins together, likewise of TasksMax. At least 16.
        processes_max: u64 = 256,
        /// Most processor time of all plugins together, in percent of one processor, likewise. At least 10.
        cpu_percent_max: u32 = 100,
        /// Where munin-node is told of its plugins: user, environment and timeout.
        munin_conf: PathBuf = PathBuf::from("/etc/munin/plugin-conf.d"),
    }
}

section! {
    /// How often this host is audited: hostward audit, as a child of the daemon, with what its user may see. Profile, level
    /// and frameworks are in /etc/hostward/tailoring.toml, waivers in /etc/hostward/waivers.toml.
    Audit {
        /// Whether the daemon audits this host.
        enabled: bool = true,
        /// Time between two audits; at least 10m.
        interval: Span = Span::seconds(6 * 3600),
        /// Whether a change below /etc of what the last audit looked at brings about another one.
        watch: bool = true,
        /// How much of a processor such audits may take, in percent: at 1, a hundred times the duration of the last audit
        /// must pass before the next. From 0.01 to 100.
        percent: f64 = 1.0,
        /// How long after a change, so that several come together; the first one after a start waits four times as long.
        settle: Span = Span::seconds(30),
        /// Whether failed checks are findings, as those of scanners: hostward findings list.
        findings: bool = true,
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
            group_ms: self.rules.budget.ms(),
            history_bytes_max: self.engine.history.bytes(),
            series_max: self.engine.series_max,
            anomalies_max: self.engine.anomalies_max,
            false_alarms_per_week: self.anomaly.false_alarms_per_week,
            ..Default::default()
        }
    }
}
