//! From surprise to confidence, and from single surprises to an anomaly that lasts.

mod detector;
mod deviation;
mod habit;
mod judgement;
mod lasting;
mod maturity;
mod novelty;
mod stillness;
mod tail;

pub use detector::Detector;
pub use judgement::{Channel, Judgement};
pub use maturity::{Maturity, Stage};

use serde::{Deserialize, Serialize};

/// Confidence from which a series is called unusual.
pub const OPEN: f64 = 0.999;
/// How long an anomaly stays after the last unusual value: long enough for a rule with `for` to see it.
pub const HOLD_MS: u64 = 120_000;

/// A stretch during which a series is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// Since when, wall clock.
    pub since_ms: i64,
    /// The most unusual value in it.
    pub peak: Judgement,
    until_mono_ms: u64,
}

impl Episode {
    /// Takes the next judged value: opens, goes on or ends.
    pub fn next(
        open: Option<Episode>,
        judged: Option<Judgement>,
        wall_ms: i64,
        mono_ms: u64,
    ) -> Option<Episode> {
        let unusual = judged.filter(|peak| peak.confidence >= OPEN);
        match (open, unusual) {
            (None, None) => None,
            (Some(open), None) => (mono_ms < open.until_mono_ms).then_some(open),
            (open, Some(peak)) => {
                let since_ms = open.map_or(wall_ms, |open| open.since_ms);
                let strongest = open.map(|open| open.peak).filter(|old| old.confidence > peak.confidence);
                Some(Episode { since_ms, peak: strongest.unwrap_or(peak), until_mono_ms: mono_ms + HOLD_MS })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(confidence: f64) -> Option<Judgement> {
        let channel = Channel::Level;
        Some(Judgement {
            value: 0.0,
            expected: 0.0,
            band: (0.0, 1.0),
            score: confidence,
            confidence,
            channel,
        })
    }

    #[test]
    fn an_episode_keeps_its_peak_and_ends_after_the_hold() {
        assert_eq!(Episode::next(None, judged(0.9), 0, 0), None);
        let open = Episode::next(None, judged(0.9999), 5, 5);
        let open = Episode::next(open, judged(0.9995), 6, 1_000);
        assert_eq!(open.map(|episode| (episode.since_ms, episode.peak.confidence)), Some((5, 0.9999)));
        let held = Episode::next(open, judged(0.1), 7, HOLD_MS);
        assert!(held.is_some());
        assert_eq!(Episode::next(held, None, 8, HOLD_MS + 1_000), None);
    }
}
