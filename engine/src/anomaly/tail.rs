//! How rare a surprise is, by the series' own past.

use serde::{Deserialize, Serialize};

const BINS: usize = 32;
/// Bins in each doubling; the first holds all below one deviation, the last all above some 64.
const FINENESS: f64 = 5.0;
/// Counts are halved when they reach this sum, so that the past fades.
const COUNT_MAX: u32 = 40_000;
/// The prior weighs as much as so many values.
const PRIOR_COUNT: f64 = 10.0;
/// Nobody is surer than a past so many times as long would allow.
const SURE_PER_VALUE: f64 = 100.0;

/// Counts of past surprises, in bins of equal ratio.
///
/// The share of past surprises that were at least as large is a conformal p-value (Vovk et al., "Algorithmic
/// Learning in a Random World", 2005); a heavy-tailed prior carries it while the past is short, and beyond the
/// largest surprise that was ever seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    counts: [u16; BINS],
    total: u32,
}

impl Tail {
    /// Confidence, from 0 to 1, that a surprise is no ordinary one.
    pub fn confidence(&self, surprise: f64) -> f64 {
        // The whole bin counts as rarer: a surprise that comes back is a habit, whatever its place in the bin.
        let seen: u32 = self.counts[position(surprise) as usize..].iter().copied().map(u32::from).sum();
        let rarer = f64::from(seen) + PRIOR_COUNT * prior(surprise);
        let all = f64::from(self.total) + PRIOR_COUNT;
        (1.0 - rarer / all).clamp(0.0, self.surest())
    }

    /// The highest confidence that a past of this length allows.
    pub fn surest(&self) -> f64 {
        1.0 - 1.0 / (SURE_PER_VALUE * (f64::from(self.total) + PRIOR_COUNT))
    }

    /// The surprise that is exceeded with probability `share`, to draw the band of what is usual.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut rest = share * f64::from(self.total);
        for bin in (0..BINS).rev() {
            let count = f64::from(self.counts[bin]);
            if count > rest {
                return 2f64.powf((bin as f64 + 1.0 - rest / count) / FINENESS);
            }
            rest -= count;
        }
        1.0
    }

    /// Remembers a surprise that came `count` times.
    pub fn learn(&mut self, surprise: f64, count: u32) {
        if self.total.saturating_add(count) > COUNT_MAX {
            self.counts.iter_mut().for_each(|count| *count /= 2);
            self.total = self.counts.iter().copied().map(u32::from).sum();
        }
        let count = count.min(COUNT_MAX / 2);
        self.counts[position(surprise) as usize] += count as u16;
        self.total += count;
    }
}

/// Bin and place within it.
fn position(surprise: f64) -> f64 {
    if surprise <= 1.0 { 0.0 } else { (surprise.log2() * FINENESS).min(BINS as f64 - 1e-9) }
}

/// Share of surprises beyond `surprise` when nothing is known: falls with the square, for much of a host is bursty.
fn prior(surprise: f64) -> f64 {
    1.0 / (1.0 + (surprise / 2.0).powi(2))
}

#[cfg(test)]
mod tests {
    use super::Tail;
    use proptest::prelude::*;

    #[test]
    fn a_short_past_and_a_huge_surprise_are_enough() {
        let mut tail = Tail::default();
        (0..15).for_each(|step| tail.learn(f64::from(step % 3), 1));
        assert!(tail.confidence(144.0) > 0.99);
        assert!(tail.confidence(2.0) < 0.9);
    }

    #[test]
    fn a_habit_is_no_news() {
        let mut tail = Tail::default();
        (0..2000).for_each(|step| tail.learn(if step % 50 == 0 { 50.0 } else { 0.5 }, 1));
        assert!(tail.confidence(50.0) < 0.99, "{}", tail.confidence(50.0));
        assert!(tail.confidence(4000.0) > 0.999);
        assert!((40.0..=64.0).contains(&tail.quantile(0.01)), "{}", tail.quantile(0.01));
    }

    proptest! {
        #[test]
        fn confidence_is_a_share_and_grows_with_surprise(
            past in prop::collection::vec((0.0f64..1e9, 1u32..100_000), 0..300),
            one in 0.0f64..1e9,
            more in 0.0f64..1e9,
        ) {
            let mut tail = Tail::default();
            past.iter().for_each(|(surprise, count)| tail.learn(*surprise, *count));
            let (low, high) = (tail.confidence(one.min(more)), tail.confidence(one.max(more)));
            prop_assert!((0.0..=1.0).contains(&low) && low <= high && high <= 1.0);
        }
    }
}
