//! What a probe is, and how it fails.

use crate::host::Host;
use crate::settings::{Setting, Settings};
use hostward_model::{Batch, Metric};
use std::fmt;

/// What a probe declares about itself.
pub struct Spec {
    /// Short name: the `probe` label, the key in the configuration.
    pub name: &'static str,
    /// One sentence: what it tells.
    pub about: &'static str,
    /// Where the files are described: a page of the manual, or a document of the kernel by its path in
    /// `Documentation`.
    pub doc: &'static str,
    /// The files it reads, as seen from the root.
    pub reads: &'static [&'static str],
    /// Every metric it can yield.
    pub metrics: &'static [&'static Metric],
    /// Whether a run can block.
    pub pace: Pace,
    /// Smallest interval at which a run is worth its cost; 0 is each tick.
    pub every_ms: u64,
    /// How long a run may take, for one that needs more than the usual deadline; 0 is the usual one.
    pub deadline_ms: u64,
    /// Whether it runs unless the configuration says otherwise.
    pub enabled: bool,
    /// What else can be set.
    pub settings: &'static [Setting],
    /// Makes a fresh instance.
    pub start: fn(&Settings) -> Box<dyn Probe>,
}

impl Spec {
    /// The usual case, for `..Spec::INLINE`: on, runs in each tick, nothing to set.
    pub const INLINE: Spec = Spec {
        name: "",
        about: "",
        doc: "",
        reads: &[],
        metrics: &[],
        pace: Pace::Inline,
        every_ms: 0,
        deadline_ms: 0,
        enabled: true,
        settings: &[],
        start: |_| Box::new(|_: &mut Host, _: &mut Batch| Ok(())),
    };
    /// One that can block, for `..Spec::ASIDE`.
    pub const ASIDE: Spec = Spec { pace: Pace::Aside, ..Spec::INLINE };

    /// An instance with the defaults of its settings.
    pub fn instance(&self) -> Box<dyn Probe> {
        (self.start)(&Settings::new(self.settings))
    }
}

/// Where a run belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Reads kernel memory only and answers at once: runs in the tick itself.
    Inline,
    /// Can block or take long: runs aside, under a deadline.
    Aside,
}

/// A running probe.
///
/// One that remembers nothing is a plain function, for which this trait is implemented.
pub trait Probe: Send {
    /// Reads the host once. What was pushed before a fault is kept.
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault>;

    /// What it would like to be reminded of after a restart, as a short text; a position in a log mostly.
    fn memory(&self) -> String {
        String::new()
    }

    /// What an earlier instance said with [`Probe::memory`]; text that makes no sense is passed over.
    fn remember(&mut self, memory: &str) {
        let _ = memory;
    }
}

impl<F> Probe for F
where
    F: FnMut(&mut Host, &mut Batch) -> Result<(), Fault> + Send,
{
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        self(host, out)
    }
}

/// Why a probe could not see what it looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file is not there: this kernel or host does not have the feature.
    Missing {
        /// Path as seen from the root.
        what: String,
    },
    /// The file is there and may not be read.
    Denied {
        /// Path as seen from the root.
        what: String,
        /// What an administrator can do about it.
        grant: String,
    },
    /// Reading failed otherwise.
    Unreadable {
        /// Path as seen from the root.
        what: String,
        /// The system's words.
        error: String,
    },
    /// The text makes no sense.
    Malformed {
        /// Path as seen from the root.
        what: String,
        /// 1-based line.
        line: usize,
        /// The word that was choked on.
        word: String,
        /// What was expected instead.
        expected: &'static str,
    },
    /// No answer within the deadline.
    Timeout {
        /// What was being asked.
        what: String,
        /// The deadline.
        after_ms: u64,
    },
}

impl Fault {
    /// The value of the `reason` label: few, stable words.
    pub fn reason(&self) -> &'static str {
        match self {
            Fault::Missing { .. } => "missing",
            Fault::Denied { .. } => "permission",
            Fault::Unreadable { .. } => "unreadable",
            Fault::Malformed { .. } => "malformed",
            Fault::Timeout { .. } => "timeout",
        }
    }

    /// A word of `what` that could not be understood; its line is counted by the caller.
    pub fn malformed(what: &str, line: usize, word: &str, expected: &'static str) -> Self {
        let word = word.chars().take(80).collect();
        Fault::Malformed { what: what.to_owned(), line, word, expected }
    }

    /// The same fault; one that something was denied says what an administrator can do about it.
    pub fn with_grant(self, grant: &str) -> Self {
        match self {
            Fault::Denied { what, .. } => Fault::Denied { what, grant: grant.to_owned() },
            other => other,
        }
    }

    /// The fault for an error of the system at `what`.
    pub fn io(what: &str, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
        let what = what.to_owned();
        match error.kind() {
            NotFound | NotADirectory => Fault::Missing { what },
            PermissionDenied => Fault::Denied { what, grant: String::new() },
            _ => Fault::Unreadable { what, error: error.to_string() },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing { what } => write!(f, "{what}: not on this host"),
            Fault::Denied { what, grant } if grant.is_empty() => write!(f, "{what}: permission denied"),
            Fault::Denied { what, grant } => write!(f, "{what}: permission denied ({grant})"),
            Fault::Unreadable { what, error } => write!(f, "{what}: {error}"),
            Fault::Malformed { what, line, word, expected } => {
                write!(f, "{what}:{line}: expected {expected}, found {word:?}")
            }
            Fault::Timeout { what, after_ms } => write!(f, "{what}: no answer in {after_ms} ms"),
        }
    }
}

impl std::error::Error for Fault {}
