//! How far from what was expected values usually are.

use super::{fading, grain};
use serde::{Deserialize, Serialize};

/// Residuals beyond so many deviations teach no more than these: what is unusual must not become usual at once.
const CLIP: f64 = 4.0;
/// Residuals that are learnt unclipped, not counting those without any distance: what a series that hardly ever moves
/// does when it moves is learnt from its first moves.
const FREE: u16 = 60;

/// Centre, standard deviation and record of one kind of residual.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Spread {
    centre: f32,
    deviation: f32,
    record: f32,
    seen: u32,
    moved: u16,
}

impl Spread {
    /// Residuals seen.
    pub fn seen(&self) -> u32 {
        self.seen
    }

    /// Where residuals usually are.
    pub fn centre(&self) -> f64 {
        f64::from(self.centre)
    }

    /// How far from there they usually are; never zero.
    pub fn deviation(&self) -> f64 {
        f64::from(self.deviation) + grain(self.centre())
    }

    /// The largest of late.
    pub fn record(&self) -> f64 {
        f64::from(self.record)
    }

    /// Learns a residual that came `count` times; `memory` is the number of residuals that half of the deviation
    /// stands for, `kept` what is left of the record by now.
    pub fn learn(&mut self, residual: f64, count: u32, memory: f64, kept: f64) {
        if self.seen == 0 {
            self.centre = residual as f32;
        }
        let distance = residual - self.centre();
        self.moved = self.moved.saturating_add(u16::from(distance.abs() > grain(self.centre())));
        let limit = if self.moved > FREE { CLIP * self.deviation() } else { f64::INFINITY };
        self.record = (f64::from(self.record) * kept).max(distance.abs()) as f32;
        let clipped = distance.clamp(-limit, limit);
        self.seen = self.seen.saturating_add(count);
        let young = f64::from(count) / f64::from(self.seen);
        let gain = |half: f64| young.max(1.0 - fading(f64::from(count), half)).min(1.0);
        self.centre = (self.centre() + gain(0.5 * memory) * clipped) as f32;
        let square = f64::from(self.deviation).powi(2);
        self.deviation = (square + gain(memory) * (clipped * clipped - square)).max(0.0).sqrt() as f32;
    }

    /// A centre that is known to be zero.
    pub fn centred(mut self) -> Self {
        self.centre = 0.0;
        self
    }

    /// Forgets where and how far, and learns them again fast.
    pub fn doubt(&mut self, seen_max: u32) {
        self.seen = self.seen.min(seen_max);
        self.record = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn one_outlier_teaches_little_and_is_the_record() {
        let mut spread = Spread::default();
        (0..500).for_each(|step| spread.learn(f64::from(step % 5), 1, 2000.0, 1.0));
        let before = spread;
        spread.learn(1e9, 1, 2000.0, 1.0);
        assert!((spread.centre() - before.centre()).abs() < 0.1);
        assert!(spread.deviation() < 1.1 * before.deviation());
        assert!(spread.record() > 9e8);
    }
}
