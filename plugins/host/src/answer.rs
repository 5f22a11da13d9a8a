//! One answer in the making: samples are checked as they come, within bounds, and written as OpenMetrics.

use crate::object::describe::{Kind, Metric};
use hostward_model::{number, text};
use std::collections::HashSet;
use std::fmt::Write;
use std::time::Instant;

/// Most series of one answer. At the bound the plugin is told to stop, and what it emitted so far counts.
const SERIES_MAX: usize = 10_000;
/// Most bytes of samples in one answer; with descriptions it stays below the 4 MiB that the daemon reads.
const SAMPLE_BYTES_MAX: usize = 3 << 20;
/// Longest value of a label. A longer one is refused: cut, two could become the same.
const LABEL_BYTES_MAX: usize = 1024;
/// Longest reason; the rest is cut.
const REASON_BYTES_MAX: usize = 500;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As it should.
    Ok,
    /// Something went wrong.
    Error,
    /// What is measured is not here.
    Unavailable,
    /// It may not be read.
    Permission,
    /// The configuration is wrong.
    Config,
    /// Time was up.
    Timeout,
}

/// What becomes of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is in the answer.
    Yes,
    /// It is not, for this reason; the next may be.
    Refused(String),
    /// Nothing more is taken, for this reason.
    Stop(&'static str),
}

/// The answer in the making.
#[derive(Default)]
pub struct Answer {
    /// The lines of each metric: OpenMetrics wants them together.
    lines: Vec<String>,
    seen: HashSet<Box<str>>,
    of_metric: Vec<u32>,
    bytes: usize,
    rejected: usize,
    first_rejected: String,
}

impl Status {
    /// The status of a number of the interface; of none that it has, an error.
    pub fn from_code(code: i32) -> Self {
        use hostward_plugin_abi as abi;
        match code {
            abi::OK => Status::Ok,
            abi::UNAVAILABLE => Status::Unavailable,
            abi::PERMISSION => Status::Permission,
            abi::CONFIG => Status::Config,
            abi::TIMEOUT => Status::Timeout,
            _ => Status::Error,
        }
    }

    /// The word in the answer.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::Error => "ERROR",
            Status::Unavailable => "UNAVAILABLE",
            Status::Permission => "PERMISSION",
            Status::Config => "CONFIG",
            Status::Timeout => "TIMEOUT",
        }
    }
}

/// One value as it came.
pub struct Value<'a> {
    pub labels: &'a [&'a [u8]],
    pub value: f64,
    pub time_ms: i64,
}

impl Answer {
    /// An empty one.
    pub fn new(metrics: usize) -> Self {
        Answer { lines: vec![String::new(); metrics], of_metric: vec![0; metrics], ..Answer::default() }
    }

    /// Begins anew, with the memory that is there.
    pub fn clear(&mut self) {
        self.lines.iter_mut().for_each(String::clear);
        self.of_metric.fill(0);
        self.seen.clear();
        (self.bytes, self.rejected) = (0, 0);
    }

    /// The series that were taken, in no order.
    pub fn series(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().map(AsRef::as_ref)
    }

    /// Why a sample was refused: the first one.
    pub fn refused(&self) -> Option<&str> {
        (self.rejected > 0).then_some(self.first_rejected.as_str())
    }

    /// Takes a sample, or says why not.
    pub fn push(&mut self, metrics: &[Metric], index: u32, value: &Value<'_>, deadline: Instant) -> Taken {
        let taken = match self.full(deadline) {
            Some(why) => Taken::Stop(why),
            None => self.add(metrics, index as usize, value).err().map_or(Taken::Yes, Taken::Refused),
        };
        match &taken {
            Taken::Yes => {}
            Taken::Refused(why) => self.reject(why),
            Taken::Stop(why) => self.reject(why),
        }
        taken
    }

    /// Refuses what could not even be read.
    pub fn refuse(&mut self, why: String) -> Taken {
        self.reject(&why);
        Taken::Refused(why)
    }

    fn full(&self, deadline: Instant) -> Option<&'static str> {
        match () {
            () if self.seen.len() >= SERIES_MAX => Some("an answer has at most 10000 series"),
            () if self.bytes >= SAMPLE_BYTES_MAX => Some("an answer has at most 3 MiB"),
            () if Instant::now() >= deadline => Some("time was up"),
            () => None,
        }
    }

    fn add(&mut self, metrics: &[Metric], index: usize, value: &Value<'_>) -> Result<(), String> {
        let metric = metrics
            .get(index)
            .ok_or_else(|| format!("there is no metric {index}: they are counted from 0"))?;
        checked(metric, value)?;
        let name = &metric.name;
        if self.of_metric[index] >= metric.series_max {
            return Err(format!("{name} has more than the {} series that were promised", metric.series_max));
        }
        let labels = texts(metric, value.labels)?;
        let mut line = String::new();
        text::write_series(&mut line, name, metric.labels.iter().map(String::as_str).zip(labels));
        if !self.seen.insert(line.as_str().into()) {
            return Err(format!("{line} was emitted twice"));
        }
        finish(&mut line, value);
        self.of_metric[index] += 1;
        self.bytes += line.len();
        self.lines[index].push_str(&line);
        Ok(())
    }

    fn reject(&mut self, why: &str) {
        if self.rejected == 0 {
            self.first_rejected = one_line(why);
        }
        self.rejected += 1;
    }

    /// Appends the text, up to and with its end.
    pub fn write(&self, metrics: &[Metric], text: &mut String) {
        text.reserve(self.bytes + 200 * metrics.len());
        for (metric, lines) in metrics.iter().zip(&self.lines) {
            text.push_str(&metric.head);
            text.push_str(lines);
        }
        if self.rejected > 0 {
            let _ = writeln!(text, "# REJECTED {} {}", self.rejected, self.first_rejected);
        }
        text.push_str("# EOF\n");
    }
}

/// The text of a call that failed. It has no samples.
pub fn failed(status: Status, reason: &str, text: &mut String) {
    let _ = write!(text, "# STATUS {} {}\n# EOF\n", status.as_str(), one_line(reason));
}

/// What fits into one line: control characters become spaces, and what is too long is cut.
pub fn one_line(text: &str) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.truncate(line.floor_char_boundary(REASON_BYTES_MAX));
    line.trim().to_owned()
}

fn checked(metric: &Metric, value: &Value<'_>) -> Result<(), String> {
    let name = &metric.name;
    match metric.kind {
        _ if value.value.is_nan() => Err(format!("{name} is not a number: leave out what has no value")),
        Kind::Counter if !(value.value.is_finite() && value.value >= 0.0) => {
            Err(format!("{name} counts, and cannot be {}", number::to_string(value.value)))
        }
        Kind::Info if value.value != 1.0 => Err(format!("{name} speaks with its labels: its value is 1")),
        _ if value.labels.len() != metric.labels.len() => {
            Err(format!("{name} has {} labels, not {}", metric.labels.len(), value.labels.len()))
        }
        _ => Ok(()),
    }
}

fn texts<'a>(metric: &Metric, labels: &[&'a [u8]]) -> Result<Vec<&'a str>, String> {
    let pairs = metric.labels.iter().zip(labels);
    let text = |(label, bytes): (&String, &&'a [u8])| match std::str::from_utf8(bytes) {
        _ if bytes.len() > LABEL_BYTES_MAX => {
            Err(format!("{}: the value of {label} is longer than {LABEL_BYTES_MAX} bytes", metric.name))
        }
        Err(_) => Err(format!("{}: the value of {label} is not UTF-8", metric.name)),
        Ok(text) => Ok(text),
    };
    pairs.map(text).collect()
}

/// Appends the value, and its time if it has one.
fn finish(line: &mut String, value: &Value<'_>) {
    line.push(' ');
    number::write(line, value.value);
    if value.time_ms != 0 {
        let (seconds, ms) = (value.time_ms.div_euclid(1000), value.time_ms.rem_euclid(1000));
        let _ = write!(line, " {seconds}.{ms:03}");
    }
    line.push('\n');
}
