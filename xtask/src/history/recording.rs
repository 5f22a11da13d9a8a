//! The series of this host over some minutes.

use crate::Outcome;
use crate::live::agent::{Agent, Setup};
use crate::live::scrape::scrape;
use hostward_engine::Labels;
use hostward_engine::archive::{Builder, SLOT_MS, Strip};
use hostward_formats::exposition::Type;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// One series: whether it only grows, and its values, look by look.
#[derive(Default)]
pub struct Seen {
    /// Whether it is a counter.
    pub is_counter: bool,
    /// A look that did not show it has none.
    pub values: Vec<Option<f64>>,
}

/// What was seen.
pub struct Recording {
    /// By their labels.
    pub series: BTreeMap<Labels, Seen>,
    /// Number of looks.
    pub looks: usize,
}

impl Recording {
    /// Looks once a second.
    pub fn take(binary: &Path, state_dir: &Path, looks: u64) -> Outcome<Self> {
        let agent = Agent::start(&Setup { binary, state_dir, config: None, interval_s: 1 })?;
        let mut connection = agent.connect()?;
        let mut recording = Recording { series: BTreeMap::new(), looks: looks as usize };
        let begun = Instant::now();
        for look in 0..recording.looks {
            let due = Duration::from_secs(look as u64 + 1);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            for family in scrape(&mut connection)? {
                for sample in &family.samples {
                    let own = sample.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                    let labels = Labels::new(own.chain([("__name__", sample.name.as_str())]));
                    let seen = recording.series.entry(labels).or_default();
                    seen.is_counter = family.kind == Type::Counter;
                    seen.values.resize(look, None);
                    seen.values.push(Some(sample.value));
                }
            }
        }
        Ok(recording)
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.series.values().map(|seen| seen.values.iter().flatten().count()).sum()
    }

    /// Number of series that have more than one value.
    pub fn moving(&self) -> usize {
        let moves = |seen: &&Seen| seen.values.iter().flatten().any(|own| Some(*own) != seen.values[0]);
        self.series.values().filter(moves).count()
    }

    /// Names of metrics that have so many series together, at least.
    pub fn names(&self, series: usize) -> Vec<&str> {
        let mut names: Vec<&str> = self.series.keys().take(series).map(Labels::name).collect();
        names.dedup();
        names
    }

    /// A block of exactly this.
    pub fn block(&self) -> Outcome<Vec<u8>> {
        self.write(Vec::new(), 0, self.looks, |seen, at| *seen.values.get(at)?).map(|(bytes, _)| bytes)
    }

    /// A block of so many slots; gives its size, too.
    pub fn write<W: std::io::Write>(
        &self,
        out: W,
        from_ms: i64,
        slots: usize,
        value: impl Fn(&Seen, usize) -> Option<f64>,
    ) -> Outcome<(W, u64)> {
        let times: Vec<i64> = (0..slots as i64).map(|at| from_ms + at * SLOT_MS).collect();
        let written = || {
            let mut builder = Builder::new(out)?;
            let line = builder.line("recorded", &times)?;
            for (labels, seen) in &self.series {
                let mut strip = Strip::default();
                let samples = (0..slots).filter_map(|at| Some((at as u32, value(seen, at)?)));
                samples.for_each(|(place, value)| strip.push(place, value));
                builder.series(labels, line, &strip)?;
            }
            builder.finish(vec![(from_ms, from_ms + slots as i64 * SLOT_MS)])
        };
        written().map_err(|error: std::io::Error| format!("a block: {error}"))
    }
}
