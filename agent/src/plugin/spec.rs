//! A plugin as it is settled before it runs: how it is asked, what it may do and what bounds it has.

use super::sidecar::{self, Grants};
use hostward_formats::{Format, Limits};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Plugins are not asked more often.
pub const EVERY_MIN: Duration = Duration::from_secs(1);
/// Nobody has less time.
pub const TIMEOUT_MIN: Duration = Duration::from_millis(100);
/// Longest output of a reading unless the administrator says otherwise.
const OUTPUT_BYTES_MAX: usize = 512 << 10;
const MEMORY_BYTES_MAX: u64 = 256 << 20;
const PROCESSES_MAX: u64 = 32;
/// One processor.
const CPU_PERCENT_MAX: u32 = 100;

/// One plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Plugin {
    /// The name that its metrics begin with.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What kind of file.
    pub kind: Kind,
    /// How it talks.
    pub format: Format,
    /// Whether it is started once and stays.
    pub stays: bool,
    /// Time between two readings.
    pub every: Duration,
    /// How long a reading may take.
    pub timeout: Duration,
    /// What its administrator has said of both.
    pub said: Said,
    /// Whether it is loaded into hostward itself.
    pub is_inside: bool,
    /// Who runs it; nobody in particular unless said.
    pub user: Option<String>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What is added to its environment.
    pub environment: BTreeMap<String, String>,
    /// Labels for each of its series.
    pub labels: Vec<(String, String)>,
    /// What it is set to, as JSON.
    pub config: Option<String>,
    /// What it may do beyond the usual.
    pub grants: Grants,
    /// How much of it is listened to.
    pub limits: Bounds,
    /// How long the text of a file counts.
    pub age_max: Option<Duration>,
}

/// What an administrator has said of how a plugin is asked; where nothing was said, a shared object has its own word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Time between two readings.
    pub every: Option<Duration>,
    /// How long a reading may take.
    pub timeout: Option<Duration>,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program or a script.
    Program,
    /// A shared object.
    Object,
    /// Text that somebody else writes.
    Text,
}

/// The bounds of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most series.
    pub series_max: usize,
    /// Longest output of a reading.
    pub output_bytes_max: usize,
    /// Most memory.
    pub memory_bytes_max: u64,
    /// Most processes and threads.
    pub processes_max: u64,
    /// Most processor time, in percent of one processor, where there are control groups.
    pub cpu_percent_max: u32,
}

impl Kind {
    /// What kind of file has this name.
    pub fn of(path: &Path) -> Kind {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("so") => Kind::Object,
            Some("prom") => Kind::Text,
            _ => Kind::Program,
        }
    }
}

impl Bounds {
    /// The usual ones but for those that the administrator has set.
    pub fn of(own: &sidecar::Bounds) -> Bounds {
        Bounds {
            series_max: own.series_max.unwrap_or(Limits::default().series_max),
            output_bytes_max: own.output.map_or(OUTPUT_BYTES_MAX, |size| size.bytes()),
            memory_bytes_max: own.memory.map_or(MEMORY_BYTES_MAX, |size| size.bytes() as u64),
            processes_max: own.processes_max.unwrap_or(PROCESSES_MAX),
            cpu_percent_max: own.cpu_percent_max.unwrap_or(CPU_PERCENT_MAX),
        }
    }

    /// For the importers.
    pub fn limits(&self) -> Limits {
        Limits { series_max: self.series_max, output_bytes_max: self.output_bytes_max, ..Limits::default() }
    }

    /// Lines of a reading; what has more is no text of so few series. To read each of a million lines would cost memory that
    /// hostward does not give back.
    pub fn lines_max(&self) -> usize {
        10 * self.series_max + 1000
    }
}
