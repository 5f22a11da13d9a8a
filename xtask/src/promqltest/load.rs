//! The series that a script has loaded.

use super::script::Load;
use hostward_engine::Labels;
use hostward_engine::promql::drawn::{self, Drawing, Drawn};
use std::collections::{BTreeMap, BTreeSet};

/// Series in memory.
#[derive(Default)]
pub struct Storage {
    /// Their samples.
    pub drawn: Drawn,
    /// Names of those that have start timestamps, which are experimental.
    started: BTreeSet<String>,
}

impl Storage {
    /// Adds the series of a `load`; of two that are the same the last counts.
    pub fn load(&mut self, load: &Load) -> Result<(), String> {
        let mut series: BTreeMap<Labels, Vec<Drawing>> = BTreeMap::new();
        for line in &load.series {
            let (labels, values) = drawn::labels(line)?;
            if let Some(name) = started(&labels, values) {
                self.started.insert(name.to_owned());
                continue;
            }
            series.insert(labels, drawn::values(values)?);
        }
        for (labels, values) in series {
            if load.with_nhcb {
                self.mark_native(&labels, &values, load.step_ms);
            }
            self.drawn.draw(labels, &values, 0, load.step_ms);
        }
        Ok(())
    }

    /// Whether a query names a series that has start timestamps.
    pub fn has_start(&self, query: &str) -> bool {
        self.started.iter().any(|name| query.contains(name))
    }

    /// A bucket of a classic histogram stands for the native one that Prometheus would make of it.
    fn mark_native(&mut self, labels: &Labels, values: &[Drawing], step_ms: i64) {
        let name = labels.name();
        let Some(base) = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)) else {
            return;
        };
        let mut native = labels.clone();
        native.set("__name__", base);
        native.set("le", "");
        for (index, _) in values.iter().enumerate().filter(|(_, value)| **value != Drawing::Nothing) {
            self.drawn.mark_histogram(native.clone(), index as i64 * step_ms);
        }
    }
}

/// The name of the series when a line has not its values but their start timestamps: `name{label="value"}@st -1m`.
fn started<'a>(labels: &'a Labels, values: &str) -> Option<&'a str> {
    if values.starts_with("@st") { Some(labels.name()) } else { labels.name().strip_suffix("@st") }
}
