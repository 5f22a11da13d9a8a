//! What an importer makes of a plugin's output.

use crate::Range;
use crate::exposition::{Family, Labels};

/// Everything that one output says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The samples, in families as text 0.0.4 has them: the name of a sample is that of its family, to which only histograms and
    /// summaries add `_bucket`, `_sum` and `_count`.
    pub families: Vec<Family>,
    /// What the plugin judged itself.
    pub services: Vec<Service>,
    /// What the plugin says of the values to expect, for some of the series.
    pub levels: Vec<Levels>,
    /// Why nothing of this run can be relied on; there are no samples then, and each service is [`State::Unknown`].
    pub unknown: Option<String>,
    /// Lines, or parts of them, that were not understood: the first of them.
    pub rejected: Vec<Rejected>,
    /// How many were not understood.
    pub rejected_count: usize,
    /// What was over a bound.
    pub dropped: Dropped,
    /// What the plugin declared and what holds until it says otherwise: to be given back as [`crate::Output::declared`] with
    /// the next batch.
    pub declared: Vec<u8>,
    /// The plugin asked not to be started again.
    pub disabled: bool,
}

/// A thing that a plugin judges.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name; that of the plugin if it has none of its own.
    pub name: String,
    /// How it is.
    pub state: State,
    /// One line about it. Holds no control characters.
    pub text: String,
    /// Further lines. Holds no control characters but line feeds and tabs.
    pub detail: String,
    /// When that was, in seconds since the Unix epoch, if the plugin says so.
    pub timestamp_s: Option<f64>,
}

/// The four states of Nagios, which all its descendants share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Ok,
    /// Worth a look.
    Warning,
    /// Broken.
    Critical,
    /// Nobody can say.
    Unknown,
}

/// What a plugin says of the values of one series, in the unit of the series; of a counter, of its increase per second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levels {
    /// Name of the sample.
    pub metric: String,
    /// Its labels.
    pub labels: Labels,
    /// Where it is a warning.
    pub warning: Option<Range>,
    /// Where it is critical.
    pub critical: Option<Range>,
    /// Smallest value there can be.
    pub min: Option<f64>,
    /// Largest value there can be.
    pub max: Option<f64>,
}

/// A line, or a part of it, that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// 1-based line of the standard output; 0 for what was declared before, or for the whole.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// How much was over a bound and is not in the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Samples of series beyond the bound.
    pub series: usize,
    /// Services beyond the bound.
    pub services: usize,
    /// Bytes of output beyond the bound.
    pub bytes: usize,
}

impl Report {
    /// Why there is nothing in it: nothing of what was printed was understood.
    pub(crate) fn misunderstood(&self) -> Option<String> {
        let is_empty = self.families.is_empty() && self.services.is_empty() && self.unknown.is_none();
        let first = self.rejected.first().filter(|_| is_empty && !self.disabled)?;
        Some(format!("line {}: {}", first.line, first.reason))
    }

    /// Takes back everything that it says, for this reason.
    pub fn spoil(&mut self, reason: String) {
        self.families.clear();
        self.levels.clear();
        for service in &mut self.services {
            (service.state, service.text) = (State::Unknown, reason.clone());
        }
        self.unknown = Some(reason);
    }
}

impl State {
    /// The state of an exit code.
    pub fn from_code(code: i32) -> Option<State> {
        [State::Ok, State::Warning, State::Critical, State::Unknown]
            .into_iter()
            .find(|state| *state as i32 == code)
    }

    /// The word that plugins use for it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Ok => "OK",
            State::Warning => "WARNING",
            State::Critical => "CRITICAL",
            State::Unknown => "UNKNOWN",
        }
    }
}

impl Levels {
    /// Whether there is anything to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.warning.is_none() && self.critical.is_none() && self.min.is_none() && self.max.is_none()
    }

    /// A sentence about the series, called `name`, when it has this value.
    pub(crate) fn told(&self, name: &str, value: f64) -> String {
        let range = match self.state(value) {
            State::Critical => self.critical,
            State::Warning => self.warning,
            State::Ok | State::Unknown => None,
        };
        let value = hostward_model::number::brief(value);
        range.map_or_else(|| format!("{name} is {value}"), |range| format!("{name} is {value}: {range}"))
    }

    /// How the series is when it has this value.
    pub fn state(&self, value: f64) -> State {
        let alerts = |range: Option<Range>| range.is_some_and(|range| range.alerts(value));
        match (alerts(self.warning), alerts(self.critical)) {
            _ if value.is_nan() => State::Unknown,
            (_, true) => State::Critical,
            (true, false) => State::Warning,
            (false, false) => State::Ok,
        }
    }
}
