//! A stretch during which one series is unusual, and what is remembered of those before.

use super::Judgement;
use serde::{Deserialize, Serialize};

/// Confidence from which a value is called unusual.
pub const OPEN: f64 = 0.999;
/// So is one with this score, for it is what the series never did, and while its past is short nobody can be that sure.
const ALARMING: f64 = 0.7;
/// How long an anomaly stays after the last unusual value: long enough for a rule with `for` to see it.
pub const HOLD_MS: u64 = 120_000;

/// For so long a value outside of the band in which the series was expected at first keeps an anomaly open. Values
/// that stay where they are soon cease to be rare, while the fault goes on; after this they are a new level.
const OUT_MS_MAX: i64 = 3_600_000;

/// A stretch during which a series is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// Time of the first unusual value, wall clock.
    pub since_ms: i64,
    /// Time of the last value that was unusual or out of its band.
    pub last_ms: i64,
    /// The most unusual value in it or, if the series went on from there, the furthest, with the highest score of any.
    pub peak: Judgement,
    /// The band when it began.
    band: (f64, f64),
    /// Values outside of the band, and all that were judged.
    out: u32,
    judged: u32,
    /// The incident that it belongs to, if any.
    pub incident: Option<u64>,
    until_mono_ms: u64,
}

impl Episode {
    /// Takes the next judged value: opens, goes on or ends. Gives the episode that ended.
    pub fn advance(
        open: &mut Option<Box<Episode>>,
        judgement: Option<Judgement>,
        wall_ms: i64,
        mono_ms: u64,
    ) -> Option<Episode> {
        let unusual = judgement.filter(|said| said.confidence >= OPEN || said.score >= ALARMING);
        let goes_on = match (open.as_deref_mut(), unusual) {
            (None, None) => return None,
            (None, Some(first)) => {
                *open = Some(Box::new(Episode::new(first, wall_ms, mono_ms)));
                true
            }
            (Some(episode), unusual) => episode.go_on(judgement, unusual, wall_ms, mono_ms),
        };
        if goes_on { None } else { open.take().map(|episode| *episode) }
    }

    fn new(first: Judgement, wall_ms: i64, mono_ms: u64) -> Self {
        Episode {
            since_ms: wall_ms,
            last_ms: wall_ms,
            peak: first,
            band: first.band,
            out: 1,
            judged: 1,
            incident: None,
            until_mono_ms: mono_ms + HOLD_MS,
        }
    }

    /// Takes a value in; false when it is over.
    fn go_on(
        &mut self,
        judgement: Option<Judgement>,
        unusual: Option<Judgement>,
        wall_ms: i64,
        mono_ms: u64,
    ) -> bool {
        let Some(next) = judgement else { return mono_ms < self.until_mono_ms };
        self.judged = self.judged.saturating_add(1);
        let is_out = self.is_out(next.value) && wall_ms - self.since_ms < OUT_MS_MAX;
        if !is_out && unusual.is_none() {
            return mono_ms < self.until_mono_ms;
        }
        (self.last_ms, self.until_mono_ms) = (wall_ms, mono_ms + HOLD_MS);
        self.out = self.out.saturating_add(1);
        if let Some(next) = unusual {
            let score = next.score.max(self.peak.score);
            let peak = if next.strength() > self.peak.strength() { next } else { self.peak };
            self.peak = Judgement { score, ..peak };
        }
        if self.is_further(next.value) {
            self.peak.value = next.value;
        }
        true
    }

    /// Whether a value lies beyond the peak: what creeps is soon no surprise, however far it comes.
    fn is_further(&self, value: f64) -> bool {
        let Judgement { value: peak, expected, .. } = self.peak;
        if peak < expected { value < peak } else { value > peak }
    }

    /// Whether a value lies where the series went when it began.
    fn is_out(&self, value: f64) -> bool {
        let (low, high) = self.band;
        if self.peak.value < self.peak.expected { value < low } else { value > high }
    }

    /// For how long it was out of its band: of two single values a minute apart not the whole minute.
    pub fn lasted_ms(&self) -> i64 {
        let span_ms = (self.last_ms - self.since_ms).max(0) as f64;
        (span_ms * f64::from(self.out) / f64::from(self.judged.max(1))) as i64
    }

    /// Moves its times when somebody set the clock.
    pub fn shift(&mut self, by_ms: i64) {
        self.since_ms += by_ms;
        self.last_ms += by_ms;
    }
}

/// Strengths that are counted apart; an episode counts for its own and all below.
const STRENGTHS: [f64; 4] = [0.0, 3.0, 4.5, 6.0];

/// How often a series was unusual before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    counts: [u16; STRENGTHS.len()],
    last_ms: i64,
}

impl Past {
    /// Remembers an episode that ended.
    pub fn learn(&mut self, episode: &Episode) {
        let rank = rank(episode.peak.strength());
        self.counts[..=rank].iter_mut().for_each(|count| *count = count.saturating_add(1));
        self.last_ms = episode.last_ms;
    }

    /// How often it was about as strong or stronger.
    pub fn count(&self, strength: f64) -> u32 {
        u32::from(self.counts[rank(strength)])
    }

    /// When it was unusual last.
    pub fn last_ms(&self) -> Option<i64> {
        (self.counts[0] > 0).then_some(self.last_ms)
    }
}

fn rank(strength: f64) -> usize {
    STRENGTHS.iter().rposition(|least| strength >= *least).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::Channel;

    fn judged(confidence: f64) -> Option<Judgement> {
        let (score, channel) = (0.5, Channel::Level);
        let value = if confidence > 0.5 { 9.0 } else { 0.5 };
        Some(Judgement { value, expected: 0.0, band: (-1.0, 1.0), score, confidence, channel })
    }

    #[test]
    fn an_episode_keeps_its_peak_and_ends_after_the_hold() {
        let mut open = None;
        let mut step =
            |confidence, at| Episode::advance(&mut open, judged(confidence), at as i64, at).map(|_| at);
        assert_eq!(step(0.9, 0), None);
        assert_eq!(step(0.9999, 5), None);
        assert_eq!(step(0.9995, 1_005), None);
        assert_eq!(step(0.6, 2_005), None);
        assert_eq!(step(0.1, 3_005), None);
        assert_eq!(step(0.1, HOLD_MS + 2_005), Some(HOLD_MS + 2_005));
        Episode::advance(&mut open, judged(0.9999), 5, 5);
        Episode::advance(&mut open, judged(0.6), 1_005, 1_005);
        Episode::advance(&mut open, judged(0.1), 2_005, 2_005);
        Episode::advance(&mut open, judged(0.1), 3_005, 3_005);
        let episode = open.unwrap();
        assert_eq!((episode.since_ms, episode.last_ms, episode.peak.confidence), (5, 1_005, 0.9999));
        assert_eq!(episode.lasted_ms(), 500, "half of its values were in the band");
    }

    #[test]
    fn a_level_that_stays_is_a_new_one_after_an_hour() {
        let (mut open, hour) = (None, OUT_MS_MAX as u64);
        Episode::advance(&mut open, judged(0.9999), 0, 0);
        let mut over = (1..)
            .map(|step| step * 10_000)
            .filter(|at| Episode::advance(&mut open, judged(0.6), *at as i64, *at).is_some());
        assert_eq!(over.next(), Some(hour + HOLD_MS - 10_000));
    }

    #[test]
    fn a_creeping_value_is_told_where_it_has_come_to() {
        let mut open = None;
        for (value, at) in [(9.0, 0), (15.0, 1_000), (12.0, 2_000)] {
            let confidence = if at == 0 { 0.9999 } else { 0.6 };
            let said = judged(confidence).map(|said| Judgement { value, ..said });
            Episode::advance(&mut open, said, at as i64, at);
        }
        let peak = open.unwrap().peak;
        assert_eq!((peak.value, peak.confidence), (15.0, 0.9999));
    }

    #[test]
    fn the_past_counts_what_was_as_strong() {
        let (mut past, mut open) = (Past::default(), None);
        Episode::advance(&mut open, judged(0.9999), 5, 5);
        past.learn(&open.unwrap());
        assert_eq!((past.count(1.0), past.count(4.0), past.count(6.0)), (1, 1, 0));
        assert_eq!(past.last_ms(), Some(5));
        assert_eq!(Past::default().last_ms(), None);
    }
}
