//! A baseline and what its surprises are worth.

use super::tail::Tail;
use super::{Channel, Judgement};
use crate::baseline::{Baseline, Residual};
use serde::{Deserialize, Serialize};

/// Share of ordinary values that lie outside the band that is shown.
const BAND_SHARE: f64 = 0.01;

/// All that is learnt of one series.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Detector {
    baseline: Baseline,
    tail: Tail,
}

impl Detector {
    /// Judges a value by what was learnt before it, then learns from it; nothing can be said of the first few, nor of
    /// one that is not finite. Times are on the wall clock.
    pub fn observe(&mut self, at_ms: i64, value: f64) -> Option<Judgement> {
        let residual = self.baseline.observe(at_ms, value)?;
        let judgement = self.judge(value, residual);
        self.tail.learn(residual.surprise);
        Some(judgement)
    }

    /// Judges a value without learning.
    pub fn look(&self, at_ms: i64, value: f64) -> Option<Judgement> {
        Some(self.judge(value, self.baseline.residual(at_ms, value)?))
    }

    fn judge(&self, value: f64, residual: Residual) -> Judgement {
        let confidence = self.tail.confidence(residual.surprise);
        let half = self.tail.quantile(BAND_SHARE) * residual.scale;
        let band = (residual.expected - half, residual.expected + half);
        let channel = Channel::Level;
        Judgement { value, expected: residual.expected, band, score: confidence, confidence, channel }
    }
}
