//! One series before the engine's own detector, as the engine puts it there: counters as rates.

use hostward_engine::anomaly::{Detector, Judgement};
use hostward_engine::rate::Rate;

pub struct Watch {
    pub metric: String,
    rate: Option<Rate>,
    detector: Detector,
    last: Option<f64>,
    /// How often the judged value was another one than before.
    moves: u64,
    seen: u64,
}

impl Watch {
    pub fn new(metric: &str, counter: bool) -> Self {
        let rate = counter.then(Rate::default);
        Watch {
            metric: metric.to_owned(),
            rate,
            detector: Detector::default(),
            last: None,
            moves: 0,
            seen: 0,
        }
    }

    pub fn observe(&mut self, wall_ms: i64, mono_ms: u64, value: f64) -> Option<Judgement> {
        let value = match &mut self.rate {
            Some(rate) => rate.observe(value, mono_ms)?,
            None => value,
        };
        self.seen += 1;
        self.moves += u64::from(self.last.replace(value).is_some_and(|last| last != value));
        self.detector.observe(wall_ms, value)
    }

    /// Whether it moves in at least one of a hundred samples.
    pub fn is_moving(&self) -> bool {
        self.moves * 100 >= self.seen.max(1)
    }
}
