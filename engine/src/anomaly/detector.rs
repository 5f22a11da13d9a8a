//! All that is learnt of one series, and what it makes of the next value.

use super::deviation::{Deviation, Residuals, Surprise};
use super::habit::{self, Habit};
use super::novelty::{Compared, Novelty, TIER_MS};
use super::tail::Tail;
use super::{Channel, Judgement, Maturity, Stage};
use crate::baseline::{Day, MAGNITUDE_MAX, Pace, Recent, Shape, Usual};
use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};

/// Values before anything is said.
const SEEN_MIN: u32 = 12;
/// While little is known all must be further off: twice as far after this.
const YOUNG_MS: f64 = 3_600_000.0;
/// Values that did not move before they are taken as a run.
const STILL_MIN: u32 = 64;
/// A novelty counts as one when a deviation spoke at the same time or not long before.
const TOGETHER_MS: i64 = 6 * 3_600_000;
/// The novelty, between nothing and 1, from which the series did what it never did.
const NEW: f64 = 0.13;
/// The novelty that counts for half of one.
const NEW_HALF: f64 = 0.5;
/// Values that come seldom are judged one by one, others by means of [`TIER_MS`].
const SELDOM_MS: f64 = 0.8 * TIER_MS as f64;
/// The day is known from this share of it on.
const KNOWN_MIN: f64 = 0.5;
/// After so long a gap the last values say nothing of the next, and after such a one little that was learnt does.
const GAP_MS: i64 = DAY_MS;
const AWAY_MS: i64 = 7 * DAY_MS;
/// What was learnt before an absence, or of what is accepted as usual now, weighs as much as so many values.
const DOUBT: u32 = 60;

/// All that is learnt of one series. What each value needs comes first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Detector {
    at_ms: i64,
    last: f64,
    said: Option<Judgement>,
    seen: u32,
    /// Values in a row that are the same, and how many of them are not learnt yet.
    still: u32,
    pending: u32,
    far: f32,
    pace: Pace,
    origin: f64,
    log_origin: f32,
    since_ms: i64,
    tier: Tier,
    recent: Recent,
    deviation: Deviation,
    habit: Habit,
    tail: Tail,
    novelty: Novelty,
    day: Option<Box<Day>>,
}

/// The mean that is being made.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Tier {
    sum: f64,
    count: u32,
    number: i64,
    end_ms: i64,
}

impl Detector {
    /// Judges a value by what was learnt before it, then learns from it; nothing can be said of the first few, nor of
    /// one that is not finite. Times are on the wall clock.
    pub fn observe(&mut self, at_ms: i64, value: f64) -> Option<Judgement> {
        if !value.is_finite() {
            return None;
        }
        if self.is_still(at_ms, value) {
            (self.at_ms, self.pending) = (at_ms, self.pending + 1);
            return self.said;
        }
        self.settle();
        self.take(at_ms, value)
    }

    /// Judges a value without learning.
    pub fn look(&self, at_ms: i64, value: f64) -> Option<Judgement> {
        if value == self.last { self.said } else { self.clone().observe(at_ms, value) }
    }

    /// What is now is usual from now on.
    pub fn accept(&mut self, at_ms: i64) {
        self.settle();
        let (y, log) = (self.recent.latest(), 0.0);
        if let Some(day) = &mut self.day {
            let usual = day.usual(at_ms);
            day.shift(usual.map_or(0.0, |usual| y - usual.mean), log);
        }
        self.recent = Recent::start(y);
        self.deviation.doubt(DOUBT);
        self.novelty.forget();
        self.habit = Habit::default();
    }

    /// What is usual at a time: lower and upper end.
    pub fn expected_at(&self, at_ms: i64) -> Option<(f64, f64)> {
        if self.seen <= SEEN_MIN {
            return None;
        }
        Some(self.expectation(self.usual(at_ms)).1)
    }

    /// How far the learning has come.
    pub fn maturity(&self) -> Maturity {
        let seen = self.seen.saturating_add(self.pending);
        let day = self.day.as_ref().map_or(0.0, |day| day.known());
        let stage = match (seen, day) {
            (..=SEEN_MIN, _) => Stage::Learning,
            (_, KNOWN_MIN..) => Stage::Day,
            _ => Stage::Level,
        };
        Maturity { seen, since_ms: self.since_ms, stage, day, surest: self.tail.surest() }
    }

    /// Whether nothing moved and nothing is due, so that the value only counts.
    fn is_still(&self, at_ms: i64, value: f64) -> bool {
        value == self.last && self.still >= STILL_MIN && at_ms >= self.at_ms && at_ms < self.tier.end_ms
    }

    /// Learns the values that only counted.
    fn settle(&mut self) {
        let count = std::mem::take(&mut self.pending);
        if count == 0 {
            return;
        }
        let (y, log) = (self.distance(self.last), self.log(self.last));
        let step_ms = self.pace.step_ms();
        let usual = self.usual(self.at_ms);
        self.recent.repeat(y, count);
        let shape = Shape {
            from_mean: y - self.recent.mean(),
            from_median: 0.0,
            slope: 0.0,
            step: 0.0,
            restless: 0.0,
        };
        self.deviation.learn(
            &residuals(y, log, usual, shape, true),
            count,
            step_ms,
            step_ms * f64::from(count),
        );
        self.tail.learn(f64::from(self.far), count);
        self.day.get_or_insert_default().learn(self.at_ms, y, log, step_ms, count);
        self.tier.sum += y * f64::from(count);
        self.tier.count += count;
        self.seen = self.seen.saturating_add(count);
        self.still = self.still.saturating_add(count);
    }

    fn take(&mut self, at_ms: i64, value: f64) -> Option<Judgement> {
        if self.seen == 0 {
            self.begin(at_ms, value);
        }
        let passed_ms = self.pass(at_ms);
        let new = self.novelty_of(at_ms, value);
        let (y, log) = (self.distance(value), self.log(value));
        let usual = self.usual(at_ms);
        let shape = self.recent.take(y, self.seen + 1);
        let residuals = residuals(y, log, usual, shape, self.seen > 6);
        let (expected, band) = self.expectation(usual);
        let surprise = self.deviation.judge(&residuals, usual, self.youth());
        self.deviation.learn(&residuals, 1, self.pace.step_ms(), passed_ms);
        let judgement = self.judge(at_ms, value, surprise, new, (expected, band));
        self.learn(at_ms, value, y, log, surprise);
        self.said = judgement.map(|said| Judgement { score: said.score.min(0.5), ..said });
        judgement
    }

    fn begin(&mut self, at_ms: i64, value: f64) {
        (self.since_ms, self.at_ms, self.origin) = (at_ms, at_ms, value);
        self.log_origin = log(value) as f32;
        self.recent = Recent::start(0.0);
        self.tier.number = at_ms.div_euclid(TIER_MS);
    }

    /// Time goes on: the interval is learnt, gaps are bridged.
    fn pass(&mut self, at_ms: i64) -> f64 {
        let passed_ms = at_ms.saturating_sub(self.at_ms);
        self.pace.learn(passed_ms);
        if passed_ms > AWAY_MS {
            self.deviation.doubt(DOUBT);
            if let Some(day) = &mut self.day {
                day.doubt();
            }
        }
        if passed_ms > GAP_MS {
            self.recent = Recent::start(self.recent.mean());
        }
        self.at_ms = at_ms;
        passed_ms.max(0) as f64
    }

    /// How new the mean is that has just ended, or the value itself when values come seldom.
    fn novelty_of(&mut self, at_ms: i64, value: f64) -> f64 {
        let number = at_ms.div_euclid(TIER_MS);
        let seldom = self.pace.step_ms() >= SELDOM_MS;
        let mut new = 0.0;
        if number != self.tier.number && self.tier.count > 0 && !seldom {
            let y = self.tier.sum / f64::from(self.tier.count);
            new = self.compare(self.tier.number.saturating_mul(TIER_MS), y);
        }
        if number != self.tier.number {
            let end_ms = number.saturating_add(1).saturating_mul(TIER_MS);
            self.tier = Tier { number, end_ms, ..Tier::default() };
        }
        let y = self.distance(value);
        self.tier.sum += y;
        self.tier.count += 1;
        if seldom { self.compare(at_ms, y) } else { new }
    }

    fn compare(&mut self, at_ms: i64, y: f64) -> f64 {
        let log = self.log(self.origin + y);
        let day = self.usual(at_ms).map(|usual| usual.mean);
        let yesterday = self.day.as_ref().and_then(|day| day.yesterday(at_ms));
        self.novelty.observe(Compared { y, log, day, yesterday })
    }

    fn judge(
        &mut self,
        at_ms: i64,
        value: f64,
        surprise: Surprise,
        new: f64,
        (expected, band): (f64, (f64, f64)),
    ) -> Option<Judgement> {
        let dulled = self.habit.dull(at_ms, surprise.sum, self.pace.step_ms());
        if self.seen < SEEN_MIN {
            return None;
        }
        let new = new / (new + NEW_HALF);
        let is_new = new > NEW && self.habit.spoke_within(at_ms, TOGETHER_MS);
        let score = if is_new { 0.5 + 0.5 * new } else { 0.5 * habit::share(dulled) };
        let confidence = self.tail.confidence(surprise.far);
        let channel = if is_new { Channel::Novelty } else { surprise.channel };
        Some(Judgement { value, expected, band, score, confidence, channel })
    }

    fn learn(&mut self, at_ms: i64, value: f64, y: f64, log: f64, surprise: Surprise) {
        self.tail.learn(surprise.far, 1);
        self.far = surprise.far as f32;
        let step_ms = self.pace.step_ms();
        self.day.get_or_insert_default().learn(at_ms, y, log, step_ms, 1);
        self.still = if value == self.last { self.still.saturating_add(1) } else { 0 };
        self.last = value;
        self.seen = self.seen.saturating_add(1);
    }

    /// What is expected and the band around it.
    fn expectation(&self, usual: Option<Usual>) -> (f64, (f64, f64)) {
        let day = usual.zip(self.deviation.seasonal());
        let (y, deviation) = match day {
            Some((usual, spread)) => (usual.mean + spread.centre(), spread.deviation().max(usual.deviation)),
            None => {
                (self.recent.mean() + self.deviation.level().centre(), self.deviation.level().deviation())
            }
        };
        let (expected, half) = (self.origin + y, self.tail.edge() * deviation);
        (expected, (expected - half, expected + half))
    }

    /// How many times as far as usual a value must be, because little is known yet.
    fn youth(&self) -> f64 {
        let passed_ms = self.at_ms.saturating_sub(self.since_ms).max(1) as f64;
        1.0 + YOUNG_MS / passed_ms
    }

    fn usual(&self, at_ms: i64) -> Option<Usual> {
        self.day.as_ref()?.usual(at_ms)
    }

    fn distance(&self, value: f64) -> f64 {
        (value - self.origin).clamp(-MAGNITUDE_MAX, MAGNITUDE_MAX)
    }

    fn log(&self, value: f64) -> f64 {
        log(value) - f64::from(self.log_origin)
    }
}

fn residuals(y: f64, log: f64, usual: Option<Usual>, shape: Shape, restless: bool) -> Residuals {
    [
        usual.map(|usual| y - usual.mean),
        usual.map(|usual| log - usual.log_mean),
        Some(shape.from_mean),
        Some(shape.from_median),
        Some(shape.slope),
        Some(shape.step),
        restless.then_some(shape.restless),
    ]
}

/// The logarithm on both sides of zero.
fn log(value: f64) -> f64 {
    value.abs().ln_1p().copysign(value)
}
