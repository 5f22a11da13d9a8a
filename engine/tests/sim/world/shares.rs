//! How often confidence was above each level.

use hostward_engine::anomaly::Judgement;
use std::ops::AddAssign;

/// The levels that are asked about.
const LEVELS: [f64; 3] = [0.95, 0.99, 0.999];

/// Counts over many judgements.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shares {
    /// Series that are counted.
    pub series: u64,
    /// Samples that were judged.
    pub judged: u64,
    above: [u64; 3],
}

impl Shares {
    /// Of one series that was not judged yet.
    pub fn of_one_series() -> Self {
        Shares { series: 1, ..Shares::default() }
    }

    /// Counts one judgement.
    pub fn take(&mut self, judgement: &Judgement) {
        self.judged += 1;
        for (above, level) in self.above.iter_mut().zip(LEVELS) {
            *above += u64::from(judgement.confidence > level);
        }
    }

    /// Share above each level, in percent.
    pub fn percent(&self) -> [f64; 3] {
        self.above.map(|above| 100.0 * above as f64 / self.judged.max(1) as f64)
    }
}

impl AddAssign for Shares {
    fn add_assign(&mut self, more: Shares) {
        self.series += more.series;
        self.judged += more.judged;
        self.above.iter_mut().zip(more.above).for_each(|(above, more)| *above += more);
    }
}
