//! What was never seen: records of the means of five minutes, said once.

use crate::baseline::{grain, median};
use serde::{Deserialize, Serialize};

/// Values are judged by means of so much time, unless they come less often.
pub const TIER_MS: i64 = 300_000;

/// Distance to the day, to yesterday, median, logarithm, slope.
const KINDS: usize = 5;
const KEPT: usize = 32;
/// Residuals before a record means something.
const SEEN_MIN: u16 = 20;
/// Half lives, in means.
const CENTRE_HALF_LIFE: f64 = 1000.0;
const RECORD_HALF_LIFE: f64 = 20_000.0;
const FATIGUE_HALF_LIFE: f64 = 2000.0;
/// How fast the usual distance is learnt.
const DISTANCE_GAIN: f64 = 0.005;
/// A record must be beaten by this share of the usual distance.
const MARGIN: f64 = 0.25;
/// What is new must be so much newer than all in the last 70 or so.
const ONSET: f64 = 1.3;
const BLOCKS: usize = 12;
const BLOCK: u32 = 7;
/// How much one novelty before dulls the next, and the novelty that counts for half of one.
const DULLING: f64 = 0.5;
const HALF: f64 = 0.4;

/// The furthest the series has ever been, in both directions, by several measures.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Novelty {
    reaches: [Reach; KINDS],
    ring: [f32; KEPT],
    /// The newest of each block.
    blocks: [f32; BLOCKS],
    short: f32,
    long: f32,
    fatigue: f32,
    seen: u32,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Reach {
    centre: f32,
    distance: f32,
    up: f32,
    down: f32,
    seen: u16,
}

/// What a mean is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// The mean, as a distance from the first value.
    pub y: f64,
    /// Its logarithm.
    pub log: f64,
    /// The usual mean at this time of day.
    pub day: Option<f64>,
    /// The mean at this time yesterday.
    pub yesterday: Option<f64>,
}

impl Novelty {
    /// How new a mean is; zero unless it is newer than all of late.
    pub fn observe(&mut self, mean: Compared) -> f64 {
        self.fatigue *= kept(FATIGUE_HALF_LIFE) as f32;
        let [day, yesterday, rest @ ..] = self.records(mean);
        // The seasons must agree: what is as yesterday is not new, nor is what is as usual.
        let sum = day.min(yesterday) + rest.iter().sum::<f64>();
        let new = self.onset(sum);
        let dulled = new / (1.0 + DULLING * f64::from(self.fatigue));
        self.fatigue += (dulled / (dulled + HALF)) as f32;
        dulled
    }

    /// Confidence that what is new is no ordinary one: one less the share of means of late that were new.
    pub fn confidence(&self) -> f64 {
        let remembered = FATIGUE_HALF_LIFE / std::f64::consts::LN_2;
        let share = (1.0 + f64::from(self.fatigue)) / (1.0 + f64::from(self.seen).min(remembered));
        1.0 - share.min(1.0)
    }

    /// From now on nothing was ever seen but what is now.
    pub fn forget(&mut self) {
        *self = Novelty { fatigue: self.fatigue, ..Novelty::default() };
    }

    /// Doublings beyond the record, for each measure.
    fn records(&mut self, mean: Compared) -> [f64; KINDS] {
        let (middle, slope) = self.follow(mean.y);
        let from = |known: Option<f64>| known.map(|known| mean.y - known);
        let residuals = [from(mean.day), from(mean.yesterday), Some(middle), Some(mean.log), Some(slope)];
        let mut records = [0.0; KINDS];
        for ((record, reach), residual) in records.iter_mut().zip(&mut self.reaches).zip(residuals) {
            *record = residual.map_or(0.0, |residual| reach.observe(residual));
        }
        records
    }

    fn follow(&mut self, y: f64) -> (f64, f64) {
        if self.seen == 0 {
            (self.ring, self.short, self.long) = ([y as f32; KEPT], y as f32, y as f32);
        }
        let newest = self.seen as usize % KEPT;
        self.ring[newest] = y as f32;
        let mut last = self.ring;
        last[(newest + 1) % KEPT] = f32::NAN;
        self.seen = self.seen.wrapping_add(1).max(1);
        let young = 1.0 / f64::from(self.seen);
        for (mean, values) in [(&mut self.short, 8.0), (&mut self.long, 32.0)] {
            *mean = (f64::from(*mean) + young.max(1.0 / values) * (y - f64::from(*mean))) as f32;
        }
        (f64::from(median(&last, KEPT / 2 - 1)), f64::from(self.short) - f64::from(self.long))
    }

    fn onset(&mut self, sum: f64) -> f64 {
        let block = (self.seen / BLOCK) as usize % BLOCKS;
        if self.seen.is_multiple_of(BLOCK) {
            self.blocks[block] = 0.0;
        }
        let newest = self.blocks.iter().fold(0.0f32, |a, b| a.max(*b));
        self.blocks[block] = self.blocks[block].max(sum as f32);
        if sum > ONSET * f64::from(newest) { sum } else { 0.0 }
    }
}

impl Reach {
    /// Doublings beyond the record; learns it.
    fn observe(&mut self, residual: f64) -> f64 {
        if self.seen == 0 {
            self.centre = residual as f32;
        }
        let y = residual - f64::from(self.centre);
        let margin = MARGIN * f64::from(self.distance) + grain(f64::from(self.centre));
        let record = f64::from(if y >= 0.0 { self.up } else { self.down });
        let beyond = if self.seen > SEEN_MIN && y.abs() > record {
            ((y.abs() + margin) / (record + margin)).log2()
        } else {
            0.0
        };
        self.learn(y);
        beyond
    }

    fn learn(&mut self, y: f64) {
        let kept = kept(RECORD_HALF_LIFE) as f32;
        self.up = (self.up * kept).max(y as f32);
        self.down = (self.down * kept).max(-y as f32);
        self.seen = self.seen.saturating_add(1);
        let young = 1.0 / f64::from(self.seen);
        self.distance += (DISTANCE_GAIN.max(young) * (y.abs() - f64::from(self.distance))) as f32;
        self.centre += ((1.0 - kept_centre()).max(young) * y) as f32;
    }
}

fn kept(half_life: f64) -> f64 {
    crate::baseline::fading(1.0, half_life)
}

fn kept_centre() -> f64 {
    kept(CENTRE_HALF_LIFE)
}
