//! How rare a surprise is, by the series' own past.

use serde::{Deserialize, Serialize};

const BINS: usize = 16;
/// Counts are halved when they reach this sum, so that the past fades.
const COUNT_MAX: u32 = 40_000;
/// The prior weighs as much as so many values.
const PRIOR_COUNT: f64 = 10.0;

/// Nobody is surer than a past so many times as long would allow.
const SURE_PER_VALUE: f64 = 100.0;

/// Counts of past surprises in bins of powers of two, from below 1/4 to above 4096.
///
/// The share of past surprises that were at least as large is a conformal p-value (Vovk et al., "Algorithmic
/// Learning in a Random World", 2005); a heavy-tailed prior carries it while the past is short, and beyond the
/// largest surprise that was ever seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    counts: [u16; BINS],
}

impl Tail {
    /// Confidence, from 0 to 1, that a surprise is no ordinary one.
    pub fn confidence(&self, surprise: f64) -> f64 {
        // The whole bin counts as rarer: a surprise that comes back is a habit, whatever its place in the bin.
        let seen: f64 = self.counts[position(surprise) as usize..].iter().copied().map(f64::from).sum();
        let rarer = seen + PRIOR_COUNT * prior(surprise);
        let all = f64::from(self.total()) + PRIOR_COUNT;
        (1.0 - (rarer / all).max(1.0 / (SURE_PER_VALUE * all))).clamp(0.0, 1.0)
    }

    /// The surprise that is exceeded with probability `share`, to draw the band of what is usual.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut rest = share * f64::from(self.total());
        for bin in (0..BINS).rev() {
            let count = f64::from(self.counts[bin]);
            if count > rest {
                return 2f64.powf(bin as f64 - 2.0 - rest / count);
            }
            rest -= count;
        }
        1.0
    }

    /// Remembers a surprise.
    pub fn learn(&mut self, surprise: f64) {
        if self.total() >= COUNT_MAX {
            self.counts.iter_mut().for_each(|count| *count /= 2);
        }
        self.counts[position(surprise) as usize] += 1;
    }

    fn total(&self) -> u32 {
        self.counts.iter().copied().map(u32::from).sum()
    }
}

/// Bin and place within it; bin 0 holds all below 1/4 and the last all above 4096.
fn position(surprise: f64) -> f64 {
    (surprise.max(1e-9).log2() + 3.0).clamp(0.0, BINS as f64 - 1e-9)
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
        (0..15).for_each(|step| tail.learn(f64::from(step % 3)));
        assert!(tail.confidence(144.0) > 0.99);
        assert!(tail.confidence(2.0) < 0.9);
    }

    #[test]
    fn a_habit_is_no_news() {
        let mut tail = Tail::default();
        (0..2000).for_each(|step| tail.learn(if step % 50 == 0 { 100.0 } else { 0.5 }));
        assert!(tail.confidence(100.0) < 0.99, "{}", tail.confidence(100.0));
        assert!(tail.confidence(4000.0) > 0.999);
        assert!((64.0..=128.0).contains(&tail.quantile(0.01)));
    }

    proptest! {
        #[test]
        fn confidence_is_a_share_and_grows_with_surprise(
            past in prop::collection::vec(0.0f64..1e9, 0..300),
            one in 0.0f64..1e9,
            more in 0.0f64..1e9,
        ) {
            let mut tail = Tail::default();
            past.iter().for_each(|surprise| tail.learn(*surprise));
            let (low, high) = (tail.confidence(one.min(more)), tail.confidence(one.max(more)));
            prop_assert!((0.0..=1.0).contains(&low) && low <= high && high <= 1.0);
        }
    }
}
