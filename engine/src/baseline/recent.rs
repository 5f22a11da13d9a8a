//! The latest values of a series and their means.

use serde::{Deserialize, Serialize};

/// Values that are kept.
const KEPT: usize = 16;
/// Differences that make up the restlessness of a series.
const RESTLESS: usize = 6;

/// The latest values, as distances from the first.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Recent {
    ring: [f32; KEPT],
    short: f32,
    long: f32,
    slow: f32,
    next: u8,
}

/// What a value is compared with in the time just before it.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Distance from the mean of some 43 values before.
    pub from_mean: f64,
    /// Distance from the median of the last 15.
    pub from_median: f64,
    /// Mean of some 8 values less that of some 32.
    pub slope: f64,
    /// Distance from the value before.
    pub step: f64,
    /// Root of the summed squares of the last six steps.
    pub restless: f64,
}

impl Recent {
    /// As if all values had been this one.
    pub fn start(y: f64) -> Self {
        let y = y as f32;
        Recent { ring: [y; KEPT], short: y, long: y, slow: y, next: 0 }
    }

    /// The slow mean.
    pub fn mean(&self) -> f64 {
        f64::from(self.slow)
    }

    /// Mean of the last few.
    pub fn latest(&self) -> f64 {
        f64::from(self.short)
    }

    /// Compares a value with those before, and takes it, as the `seen`th.
    pub fn take(&mut self, y: f64, seen: u32) -> Shape {
        let newest = usize::from(self.next);
        let mut before = self.ring;
        // The oldest makes way, so that fifteen remain.
        before[newest] = f32::NAN;
        let from_median = y - f64::from(median(&before, 7));
        let step = y - f64::from(self.ring[(newest + KEPT - 1) % KEPT]);
        let from_mean = y - f64::from(self.slow);
        self.ring[newest] = y as f32;
        self.next = ((newest + 1) % KEPT) as u8;
        self.follow(y, seen);
        let slope = f64::from(self.short) - f64::from(self.long);
        Shape { from_mean, from_median, slope, step, restless: self.restless(newest) }
    }

    /// Takes `count` more values like the last.
    pub fn repeat(&mut self, y: f64, count: u32) {
        *self =
            if count as usize >= 8 * KEPT { Recent { next: self.next, ..Recent::start(y) } } else { *self };
        (0..count.min(8 * KEPT as u32)).for_each(|_| self.follow(y, u32::MAX));
    }

    fn follow(&mut self, y: f64, seen: u32) {
        let young = 1.0 / f64::from(seen.max(1));
        for (mean, values) in [(&mut self.short, 8.0), (&mut self.long, 32.0), (&mut self.slow, 43.0)] {
            let old = f64::from(*mean);
            *mean = (old + young.max(1.0 / values) * (y - old)) as f32;
        }
    }

    fn restless(&self, newest: usize) -> f64 {
        let at = |back: usize| f64::from(self.ring[(newest + KEPT - back) % KEPT]);
        (0..RESTLESS).map(|back| (at(back) - at(back + 1)).powi(2)).sum::<f64>().sqrt()
    }
}

/// The value with `below` others below it. Counted, not sorted: comparisons without branches run side by side.
/// What is not a number does not count.
pub fn median<const N: usize>(values: &[f32; N], below: usize) -> f32 {
    for value in values {
        let less: i32 = values.iter().map(|other| i32::from(other < value)).sum();
        let no_more: i32 = values.iter().map(|other| i32::from(other <= value)).sum();
        if less <= below as i32 && (below as i32) < no_more {
            return *value;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::{Recent, median};

    #[test]
    fn the_median_is_in_the_middle_with_and_without_ties() {
        assert_eq!(median(&[5.0, 1.0, f32::NAN, 4.0, 2.0, 3.0], 2), 3.0);
        assert_eq!(median(&[2.0, 1.0, 2.0, 2.0, 9.0], 2), 2.0);
    }

    #[test]
    fn a_step_shows_in_each_comparison() {
        let mut recent = Recent::start(10.0);
        for seen in 1..40 {
            recent.take(10.0, seen);
        }
        let shape = recent.take(18.0, 40);
        assert_eq!((shape.from_mean, shape.from_median, shape.step, shape.restless), (8.0, 8.0, 8.0, 8.0));
        assert_eq!(shape.slope, 0.75);
    }
}
