//! What an administrator says of one plugin: `NAME.toml` beside it; its author, in a comment at its head.

use crate::config::{Size, Span};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Lines at the head of a script in which a comment is looked for.
const HEADER_LINES_MAX: usize = 20;
/// Keys that an author may set: how the plugin is asked, never what it may do.
const HEADER_KEYS: [&str; 4] = ["format", "interval", "timeout", "stay"];

/// The keys of a sidecar file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sidecar {
    /// Whether it runs; yes unless said otherwise.
    pub enabled: Option<bool>,
    /// The name that its metrics begin with; that of the file without its ending unless said otherwise.
    pub name: Option<String>,
    /// How it talks; see `docs/guide/plugin-formats.md`.
    pub format: Option<String>,
    /// Whether it is started once and stays, instead of once for each reading.
    pub stay: Option<bool>,
    /// Time between two readings.
    pub interval: Option<Span>,
    /// How long a reading may take.
    pub timeout: Option<Span>,
    /// The user that it runs as; only root can start a plugin as somebody else.
    pub user: Option<String>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What is added to its environment, which is otherwise empty but for what its format promises.
    pub environment: BTreeMap<String, String>,
    /// Labels for each of its series.
    pub labels: BTreeMap<String, String>,
    /// What it is set to, given to a shared object as JSON, to a program in HOSTWARD_CONFIG.
    pub config: Option<toml::Table>,
    /// What it may do beyond reading what its user may read.
    pub grants: Grants,
    /// Its bounds where they are not the usual ones.
    pub limits: Bounds,
}

/// What a plugin may do beyond the usual.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grants {
    /// Open sockets to other hosts.
    pub network: bool,
    /// Open sockets to other programs of this host.
    pub local_sockets: bool,
    /// Open block and character devices.
    pub devices: bool,
    /// Files and directories that it may read.
    pub read: Vec<PathBuf>,
    /// Files and directories that it may write.
    pub write: Vec<PathBuf>,
}

/// Bounds of one plugin.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bounds {
    /// Most series.
    pub series_max: Option<usize>,
    /// Longest output of one reading.
    pub output: Option<Size>,
    /// Most memory.
    pub memory: Option<Size>,
    /// Most processes and threads.
    pub processes_max: Option<u64>,
    /// Most processor time, in percent of one processor, where there are control groups.
    pub cpu_percent_max: Option<u32>,
}

impl Sidecar {
    /// Reads a sidecar file.
    pub fn parse(text: &str) -> Result<Sidecar, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
    }

    /// Reads comments of the form `# hostward: format=nagios interval=30s` at the head of a script.
    pub fn of_header(head: &[u8]) -> Result<Sidecar, String> {
        let text = String::from_utf8_lossy(head);
        let said = text.lines().take(HEADER_LINES_MAX).filter_map(|line| {
            line.trim_start_matches(['#', '/', '-', ';', '"', ' ', '\t']).strip_prefix("hostward:")
        });
        let mut table = toml::Table::new();
        for word in said.flat_map(str::split_whitespace) {
            let (key, value) =
                word.split_once('=').filter(|(key, _)| HEADER_KEYS.contains(key)).ok_or_else(|| {
                    format!("{word:?} after \"hostward:\" is none of {}", HEADER_KEYS.join(", "))
                })?;
            let value =
                value.parse().map_or_else(|_| toml::Value::String(value.to_owned()), toml::Value::Boolean);
            table.insert(key.to_owned(), value);
        }
        table.try_into().map_err(|error| format!("after \"hostward:\": {error}").trim_end().to_owned())
    }

    /// What is said here, and where nothing is, what `other` says of the keys that both can set.
    pub fn or(self, other: Sidecar) -> Sidecar {
        Sidecar {
            format: self.format.or(other.format),
            stay: self.stay.or(other.stay),
            interval: self.interval.or(other.interval),
            timeout: self.timeout.or(other.timeout),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sidecar_is_read_and_a_misspelt_key_is_named() {
        let text = "interval = \"30s\"\nlabels = { site = \"a\" }\n[grants]\nnetwork = true\n[limits]\nseries_max = 9\n";
        let sidecar = Sidecar::parse(text).unwrap();
        assert_eq!(sidecar.interval, Some(Span::seconds(30)));
        assert!(sidecar.grants.network && sidecar.limits.series_max == Some(9));
        let error = Sidecar::parse("interva = \"30s\"\n").unwrap_err();
        assert!(error.contains("unknown field `interva`"), "{error}");
    }

    #[test]
    fn an_author_says_how_to_ask_and_not_what_to_allow() {
        let header = |text: &str| Sidecar::of_header(text.as_bytes());
        let said =
            header("#!/bin/sh\n# hostward: format=nagios interval=1m\n# hostward: stay=true\nexit 0\n");
        let said = said.unwrap();
        assert_eq!((said.format.as_deref(), said.stay), (Some("nagios"), Some(true)));
        assert_eq!(header("#!/bin/sh\necho hostward: no\n").unwrap(), Sidecar::default());
        let error = header("# hostward: user=root\n").unwrap_err();
        assert_eq!(error, "\"user=root\" after \"hostward:\" is none of format, interval, timeout, stay");
        assert!(header("# hostward: interval=soon\n").unwrap_err().contains("is not a duration"));
    }

    #[test]
    fn the_administrator_has_the_last_word() {
        let own = Sidecar { interval: Some(Span::seconds(60)), ..Sidecar::default() };
        let header = Sidecar::of_header(b"# hostward: format=munin interval=5s\n").unwrap();
        let both = own.or(header);
        assert_eq!((both.interval, both.format.as_deref()), (Some(Span::seconds(60)), Some("munin")));
    }
}
