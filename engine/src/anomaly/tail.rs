//! How rare a surprise is, by the series' own past.

use serde::{Deserialize, Serialize};

const BINS: usize = 32;
/// Bins in each doubling; the first holds all below one deviation, the last all above some 64.
const FINENESS: f64 = 5.0;
/// Within a bin no fewer than this share remain: what is in one place there comes back.
const THINNEST: f64 = 0.2;
/// Counts are halved when they reach this sum, so that the past fades.
const COUNT_MAX: u32 = 40_000;
/// So are those of the first, when the scale of surprises itself was not known well.
const YOUNG: [u32; 3] = [50, 200, 800];
/// The prior weighs as much as so many values.
const PRIOR_COUNT: f64 = 4.0;
/// Share of ordinary values that lie outside the band that is shown.
const BAND_SHARE: f64 = 0.01;
/// The prior makes no band wider than this: with more, whatever happens would lie within it.
const PRIOR_EDGE_MAX: f64 = 4.0;
/// Nobody is surer than a past so many times as long would allow.
const SURE_PER_VALUE: f64 = 100.0;

/// Counts of past surprises, in bins of equal ratio.
///
/// The share of past surprises that were at least as large is a conformal p-value (Vovk et al., "Algorithmic
/// Learning in a Random World", 2005); a heavy-tailed prior carries it while the past is short, and beyond the
/// largest surprise that was ever seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    counts: [u16; BINS],
    total: u32,
    learnt: u32,
    /// The surprise that few exceed, and when to look again.
    edge: f32,
    edge_at: u32,
}

impl Tail {
    /// Confidence, from 0 to 1, that a surprise is no ordinary one, when so many `more` came that were as large.
    pub fn confidence(&self, surprise: f64, more: u16) -> f64 {
        let rarer = self.rarer(surprise) + f64::from(more);
        let all = f64::from(self.total) + PRIOR_COUNT + f64::from(more);
        (1.0 - rarer / all).clamp(0.0, self.surest())
    }

    /// Past surprises that were as large, with those of the prior. Within a bin they thin out evenly, by the same
    /// ratio for each step; in the last, which has no end, all count: what comes back is a habit.
    fn rarer(&self, surprise: f64) -> f64 {
        let place = position(surprise);
        let (bin, part) = (place as usize, place.fract());
        let beyond: u32 = self.counts[bin + 1..].iter().copied().map(u32::from).sum();
        let expected = PRIOR_COUNT * prior(surprise);
        let least = f64::from(beyond) + expected;
        let most = least + f64::from(self.counts[bin]);
        if bin + 1 == BINS { most } else { most * (least / most).max(THINNEST).powf(part) }
    }

    /// The highest confidence that a past of this length allows.
    pub fn surest(&self) -> f64 {
        1.0 - 1.0 / (SURE_PER_VALUE * (f64::from(self.total) + PRIOR_COUNT))
    }

    /// The surprise that one ordinary value in a hundred exceeds, to draw the band of what is usual. While the past is
    /// short the prior alone may say so, and the band is wide.
    pub fn edge(&self) -> f64 {
        let rest = BAND_SHARE * (f64::from(self.total) + PRIOR_COUNT);
        f64::from(self.edge).max(prior_edge(rest / PRIOR_COUNT)).max(1.0)
    }

    fn quantile(&self, share: f64) -> f64 {
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
        let learnt = self.learnt.saturating_add(count);
        let grown = YOUNG.iter().any(|young| (self.learnt..learnt).contains(young));
        self.learnt = learnt;
        if self.total.saturating_add(count) > COUNT_MAX || grown {
            self.counts.iter_mut().for_each(|count| *count /= 2);
            self.total = self.counts.iter().copied().map(u32::from).sum();
            self.edge_at = 0;
        }
        let count = count.min(COUNT_MAX / 2);
        self.counts[position(surprise) as usize] += count as u16;
        self.total += count;
        if self.total >= self.edge_at {
            // The edge moves slowly: it is looked for again when a hundredth has come to it.
            self.edge = self.quantile(BAND_SHARE) as f32;
            self.edge_at = self.total + self.total / 100 + 1;
        }
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

/// The surprise beyond which this share lies when nothing is known.
fn prior_edge(share: f64) -> f64 {
    (2.0 * (1.0 / share - 1.0).max(0.0).sqrt()).min(PRIOR_EDGE_MAX)
}

#[cfg(test)]
mod tests {
    use super::Tail;
    use proptest::prelude::*;

    #[test]
    fn a_short_past_and_a_huge_surprise_are_enough() {
        let mut tail = Tail::default();
        (0..15).for_each(|step| tail.learn(f64::from(step % 3), 1));
        assert!(tail.confidence(144.0, 0) > 0.99);
        assert!(tail.confidence(2.0, 0) < 0.9);
    }

    #[test]
    fn a_habit_is_no_news() {
        let mut tail = Tail::default();
        (0..2000).for_each(|step| tail.learn(if step % 50 == 0 { 50.0 } else { 0.5 }, 1));
        assert!(tail.confidence(50.0, 0) < 0.99, "{}", tail.confidence(50.0, 0));
        assert!(tail.confidence(4000.0, 0) > 0.999);
        assert!((40.0..=64.0).contains(&tail.edge()), "{}", tail.edge());
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
            let (low, high) = (tail.confidence(one.min(more), 0), tail.confidence(one.max(more), 0));
            prop_assert!((0.0..=1.0).contains(&low) && low <= high && high <= 1.0);
        }
    }
}
