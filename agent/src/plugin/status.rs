//! How a plugin fares, for the page, the API and the command line.

use super::pace::Pace;
use super::reading::Reading;
use super::spec::{Kind, Plugin};
use super::trouble::Trouble;
use hostward_formats::{Rejected, Service, State};
use hostward_model::time;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Rejected lines that are told one by one.
const REJECTED_MAX: usize = 20;

/// How all plugins fare, for those who ask.
pub type Board = Mutex<Arc<Vec<Status>>>;

/// How a plugin fares.
#[derive(Clone, Debug)]
pub struct Status {
    /// Its name; that of the file where there is no other.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// How it runs; nothing if it does not.
    pub plugin: Option<Plugin>,
    /// How it is asked, once it has said how it wants to be.
    pub pace: Option<Pace>,
    /// What it is doing.
    pub state: Standing,
    /// Why it yields nothing.
    pub trouble: Option<Trouble>,
    /// When its last reading ended, wall clock.
    pub at_ms: Option<i64>,
    /// How long that took.
    pub seconds: Option<f64>,
    /// Processor time of all runs.
    pub cpu_seconds: f64,
    /// Most memory that it was seen with.
    pub rss_peak_bytes: Option<u64>,
    /// Samples of the last reading.
    pub samples: usize,
    /// Samples of the last reading that were over the bound of series.
    pub dropped: usize,
    /// Lines that were not understood since its start, and names that were refused.
    pub rejected_total: u64,
    /// The first of the last reading.
    pub rejected: Vec<Rejected>,
    /// Readings.
    pub runs: u64,
    /// Readings that failed.
    pub failures: u64,
    /// How often one that stays was started again.
    pub restarts: u64,
    /// Processes that it left behind.
    pub left: u64,
    /// What it judges.
    pub services: Vec<Service>,
}

/// What a plugin is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has not been read yet.
    Starting,
    /// The last reading was good.
    Well,
    /// The last reading failed; it is tried again.
    Failing,
    /// It failed too often, and is left alone for an hour.
    Quarantined,
    /// It is not started: its file is not trusted, or makes no sense.
    Refused,
    /// It is switched off by its administrator, or by itself.
    Disabled,
    /// A file before it has its name.
    Shadowed,
}

impl Standing {
    /// The name in metrics and lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Starting => "starting",
            Standing::Well => "ok",
            Standing::Failing => "failing",
            Standing::Quarantined => "quarantined",
            Standing::Refused => "refused",
            Standing::Disabled => "disabled",
            Standing::Shadowed => "shadowed",
        }
    }
}

impl Status {
    /// Before the first reading.
    pub fn new(name: String, path: PathBuf, plugin: Option<Plugin>, state: Standing) -> Self {
        Status {
            name,
            path,
            plugin,
            pace: None,
            state,
            trouble: None,
            at_ms: None,
            seconds: None,
            cpu_seconds: 0.0,
            rss_peak_bytes: None,
            samples: 0,
            dropped: 0,
            rejected_total: 0,
            rejected: Vec::new(),
            runs: 0,
            failures: 0,
            restarts: 0,
            left: 0,
            services: Vec::new(),
        }
    }

    /// A reading came, of which `refused` was left out beyond what the importer left out.
    pub fn read(&mut self, reading: &Reading, samples: usize, refused: Vec<Rejected>, at_ms: i64) {
        let report = &reading.report;
        self.at_ms = Some(at_ms);
        self.runs += 1;
        self.pace = reading.pace;
        self.seconds = Some(reading.cost.seconds);
        self.cost(reading.cost.cpu_seconds, reading.cost.rss_peak_bytes, reading.cost.left);
        (self.samples, self.dropped) = (samples, report.dropped.series);
        self.rejected_total += (report.rejected_count + refused.len()) as u64;
        self.rejected =
            refused.into_iter().chain(report.rejected.iter().cloned()).take(REJECTED_MAX).collect();
        self.services.clone_from(&report.services);
        self.trouble.clone_from(&reading.trouble);
        self.state = if reading.trouble.is_none() { Standing::Well } else { Standing::Failing };
        self.failures += u64::from(reading.trouble.is_some());
    }

    /// How it is asked; nothing if it does not run.
    pub fn pace(&self) -> Option<Pace> {
        self.pace.or_else(|| self.plugin.as_ref().map(Pace::of))
    }

    /// Adds what was spent.
    pub fn cost(&mut self, cpu_seconds: f64, rss_peak_bytes: Option<u64>, left: usize) {
        self.cpu_seconds += cpu_seconds;
        self.rss_peak_bytes = self.rss_peak_bytes.max(rss_peak_bytes);
        self.left += left as u64;
    }

    /// It failed otherwise than in a reading.
    pub fn failed(&mut self, trouble: Trouble, at_ms: i64) {
        self.at_ms = Some(at_ms);
        self.failures += 1;
        self.samples = 0;
        self.services.iter_mut().for_each(|service| {
            (service.state, service.text) = (State::Unknown, trouble.why.clone());
        });
        self.trouble = Some(trouble);
        self.state = Standing::Failing;
    }

    /// For the API.
    pub fn json(&self) -> Value {
        let plugin = self.plugin.as_ref();
        let service =
            |own: &Service| json!({ "name": own.name, "state": own.state.as_str(), "text": own.text });
        let rejected = |own: &Rejected| json!({ "line": own.line, "reason": own.reason });
        json!({
            "name": self.name,
            "path": self.path,
            "state": self.state.as_str(),
            "reason": self.trouble.as_ref().map(|own| own.why.as_str()),
            "reasonWord": self.trouble.as_ref().map(|own| own.word),
            "format": plugin.map(|own| own.format.as_str()),
            "kind": plugin.map(kind),
            "intervalSeconds": self.pace().map(|own| own.every.as_secs_f64()),
            "timeoutSeconds": self.pace().map(|own| own.timeout.as_secs_f64()),
            "lastRead": self.at_ms.map(time::rfc3339),
            "lastSeconds": self.seconds,
            "cpuSeconds": self.cpu_seconds,
            "rssPeakBytes": self.rss_peak_bytes,
            "samples": self.samples,
            "dropped": self.dropped,
            "rejectedTotal": self.rejected_total,
            "rejected": self.rejected.iter().map(rejected).collect::<Vec<_>>(),
            "runs": self.runs,
            "failures": self.failures,
            "restarts": self.restarts,
            "leftBehind": self.left,
            "services": self.services.iter().map(service).collect::<Vec<_>>(),
        })
    }
}

/// How it is run, in a word.
pub fn kind(plugin: &Plugin) -> &'static str {
    match (plugin.kind, plugin.stays) {
        (Kind::Text, _) => "text",
        (Kind::Object, _) if plugin.is_inside => "inside",
        (Kind::Object, _) => "object",
        (Kind::Program, true) => "stays",
        (Kind::Program, false) => "runs",
    }
}
