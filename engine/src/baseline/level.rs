//! A centre and a scale that single values cannot move far.

use serde::{Deserialize, Serialize};

/// How long a new level takes to become usual.
pub const MEMORY_MS: i64 = 30 * 60_000;

/// Residuals beyond so many scales are clipped before they teach.
const CLIP: f64 = 4.0;

/// Values that are learnt unclipped, because there is no scale yet.
const FREE: u32 = 6;

/// Exponential mean and mean absolute deviation of clipped residuals.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Level {
    centre: f64,
    scale: f64,
}

impl Level {
    /// The usual value.
    pub fn centre(&self) -> f64 {
        self.centre
    }

    /// The usual distance from it.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Learns a value that came `passed_ms` after the one before, as the `seen`th.
    pub fn learn(&mut self, value: f64, passed_ms: i64, seen: u32) {
        let weight = (1.0 / f64::from(seen.max(1))).max(passed_ms as f64 / MEMORY_MS as f64).min(1.0);
        let residual = value - self.centre;
        let limit =
            if seen <= FREE { f64::INFINITY } else { CLIP * (self.scale + super::floor(self.centre)) };
        let clipped = residual.clamp(-limit, limit);
        self.centre += weight * clipped;
        if seen > 1 {
            self.scale += weight.max(1.0 / f64::from(seen)) * (clipped.abs() - self.scale);
        }
    }
}
