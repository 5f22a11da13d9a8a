//! Where a probe puts what it saw.

use crate::{Failure, Metric};
use hostward_plugin_abi as abi;
use std::time::{Duration, SystemTime};

/// One answer in the making.
pub struct Batch<'a> {
    metrics: &'static [Metric],
    sink: &'a mut dyn Sink,
}

/// Where samples go: to the host, or to a test.
pub(crate) trait Sink {
    /// What the host says of a sample.
    fn emit(&mut self, sample: Sample<'_>) -> i32;
    fn log(&mut self, level: Level, message: &str);
    fn time_left_ms(&mut self) -> i64;
}

/// One value.
pub(crate) struct Sample<'a> {
    pub metric: &'static Metric,
    pub index: usize,
    pub labels: &'a [&'a str],
    pub value: f64,
    pub time_ms: i64,
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something went wrong.
    Error = abi::LOG_ERROR as isize,
    /// Something may.
    Warning = abi::LOG_WARNING as isize,
    /// Ordinary news.
    Info = abi::LOG_INFO as isize,
    /// For the author.
    Debug = abi::LOG_DEBUG as isize,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(metrics: &'static [Metric], sink: &'a mut dyn Sink) -> Self {
        Batch { metrics, sink }
    }

    /// Hands over a value of now. Fails if the host wants no more: time is up, or a bound is reached. A sample that the
    /// host does not accept (its log says why) costs only itself.
    pub fn emit(&mut self, metric: &Metric, labels: &[&str], value: f64) -> Result<(), Failure> {
        self.push(metric, labels, value, 0)
    }

    /// Hands over a value that was read at another time.
    pub fn emit_at(
        &mut self,
        metric: &Metric,
        labels: &[&str],
        value: f64,
        at: SystemTime,
    ) -> Result<(), Failure> {
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.push(metric, labels, value, i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn push(&mut self, metric: &Metric, labels: &[&str], value: f64, time_ms: i64) -> Result<(), Failure> {
        let Some(index) = self.metrics.iter().position(|known| known.name == metric.name) else {
            return Err(Failure::error(format!("{} is not in the description", metric.name)));
        };
        let sample = Sample { metric: &self.metrics[index], index, labels, value, time_ms };
        match self.sink.emit(sample) {
            abi::STOP => Err(Failure::timeout("the host takes no more samples")),
            _ => Ok(()),
        }
    }

    /// Writes a line into the log.
    pub fn log(&mut self, level: Level, message: &str) {
        self.sink.log(level, message);
    }

    /// How long until the answer must be there.
    pub fn time_left(&mut self) -> Duration {
        Duration::from_millis(u64::try_from(self.sink.time_left_ms()).unwrap_or(0))
    }
}
