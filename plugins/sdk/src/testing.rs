//! A probe's answer as text, for its author's tests; without a host, and without what a host checks.

use crate::batch::{Level, Sample, Sink};
use crate::{Batch, Failure, Probe};
use hostward_plugin_abi as abi;
use std::fmt::Write;

/// What one instance with this configuration emits, one line for each sample, in the order in which it came.
pub fn collect<P: Probe>(config: &str) -> Result<String, Failure> {
    let mut lines = Lines(String::new());
    P::new(config)?.collect(&mut Batch::new(P::DESCRIPTION.metrics, &mut lines))?;
    Ok(lines.0)
}

struct Lines(String);

impl Sink for Lines {
    fn emit(&mut self, sample: Sample<'_>) -> i32 {
        let names = sample.metric.labels.iter();
        let labels: Vec<String> =
            names.zip(sample.labels).map(|(name, value)| format!("{name}={value:?}")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{}{labels} {}", sample.metric.name, sample.value);
        abi::TAKEN
    }

    fn log(&mut self, level: Level, message: &str) {
        eprintln!("{level:?}: {message}");
    }

    fn time_left_ms(&mut self) -> i64 {
        1000
    }
}
