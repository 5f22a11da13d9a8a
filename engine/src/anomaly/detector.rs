//! All that is learnt of one series, and what it makes of the next value.

mod outlook;
mod v1;

pub use v1::DetectorV1;

use super::deviation::{Deviation, Residuals, Surprise};
use super::episode::OPEN;
use super::habit::{self, Habit};
use super::lasting::Lasting;
use super::novelty::{Compared, Novelty, TIER_MS};
use super::spell::{Seen, Spell};
use super::stillness::Stillness;
use super::tail::Tail;
use super::{Channel, Judgement};
use crate::baseline::{MAGNITUDE_MAX, Pace, Recent, Season, Shape, Usual};
use hostward_model::time::DAY_MS;
use outlook::Expectation;
use serde::{Deserialize, Serialize};

/// Values before anything is said.
const SEEN_MIN: u32 = 12;
/// While little is known surprises count less: what is far half after an hour, what is new half after two days and
/// nothing before the first has passed, for until then each hour is new.
const YOUNG_S: f64 = 3600.0;
const DAY_S: f64 = DAY_MS as f64 / 1000.0;
/// Values that did not move before they are taken as a run.
const STILL_MIN: u32 = 64;
/// A novelty counts as one when a deviation spoke at the same time or not long before.
const TOGETHER_MS: i64 = 6 * 3_600_000;
/// The novelty, between nothing and 1, from which the series did what it never did.
const NEW: f64 = 0.13;
/// The novelty that counts for half of one.
const NEW_HALF: f64 = 0.5;
/// A rest so many times the longest before is something that the series never did.
const RESTS_NEW: f64 = 12.0;
/// Values that come seldom are judged one by one, others by means of [`TIER_MS`].
const SELDOM_MS: f64 = 0.8 * TIER_MS as f64;
/// Days of the week are told apart from then on, when the course of a day has been seen three times.
const WEEK_FROM_S: f64 = 3.0 * DAY_S;
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
    stillness: Stillness,
    /// Values like the last that are not learnt yet.
    pending: u32,
    far: f32,
    pace: Pace,
    origin: f64,
    log_origin: f32,
    /// Whether it was ever below zero.
    negative: bool,
    since_ms: i64,
    /// Seconds that it is known; gaps count up to [`GAP_MS`].
    known_s: f32,
    tier: Tier,
    recent: Recent,
    deviation: Deviation,
    habit: Habit,
    lasting: Lasting,
    tail: Tail,
    spell: Spell,
    novelty: Novelty,
    season: Season,
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
            (self.at_ms, self.pending) = (at_ms, self.pending.saturating_add(1));
            return self.said;
        }
        self.settle();
        self.take(at_ms, value)
    }

    /// Judges a value without learning.
    pub fn look(&self, at_ms: i64, value: f64) -> Option<Judgement> {
        if value == self.last { self.said } else { self.clone().observe(at_ms, value) }
    }

    /// What is now is usual from now on: the day moves to it, records and habits are forgotten, and all else is
    /// learnt anew, fast.
    pub fn accept(&mut self, at_ms: i64) {
        self.settle();
        let now = self.recent.latest();
        if let Some(usual) = self.usual(at_ms) {
            let log = |y| log(self.origin + y) - f64::from(self.log_origin);
            self.season.accept(at_ms, now, usual, log);
        }
        self.recent = Recent::start(now);
        self.deviation.doubt(DOUBT);
        self.novelty.forget();
        (self.habit, self.lasting) = Default::default();
    }

    /// Whether nothing moved and nothing is due, so that the value only counts.
    fn is_still(&self, at_ms: i64, value: f64) -> bool {
        value == self.last
            && at_ms >= self.at_ms
            && at_ms < self.tier.end_ms
            && self.stillness.length() >= STILL_MIN
            && !self.stillness.is_restless()
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
        let is_ordinary = self.spell.length() == 0;
        if is_ordinary {
            self.tail.learn(f64::from(self.far), count);
        }
        self.learn_time(y, log, count, usual, is_ordinary);
        self.know(step_ms * f64::from(count));
        self.tier.sum += y * f64::from(count);
        self.tier.count = self.tier.count.saturating_add(count);
        self.seen = self.seen.saturating_add(count);
        self.stillness.learn(false, count, self.seen);
    }

    fn take(&mut self, at_ms: i64, value: f64) -> Option<Judgement> {
        if self.seen == 0 {
            self.begin(at_ms, value);
        }
        let passed_ms = self.pass(at_ms);
        let new = self.novelty_of(at_ms, value);
        let (y, log) = (self.distance(value), self.log(value));
        let usual = self.usual(at_ms);
        let expectation = self.expectation(usual);
        let shape = self.recent.take(y, self.seen.saturating_add(1));
        let residuals = residuals(y, log, usual, shape, self.seen > 6);
        let mut surprise = self.deviation.judge(&residuals, usual).named(usual);
        if value == self.last {
            surprise.rest(self.stillness.surprise());
        }
        self.deviation.learn(&residuals, 1, self.pace.step_ms(), passed_ms);
        self.said = self.judge(at_ms, value, surprise, expectation);
        self.learn(value, y, log, usual, surprise, expectation);
        let settled = self.has_settled(at_ms, usual, surprise, expectation);
        self.said.map(|said| self.emphasise(said, new, settled))
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
        self.since_ms = self.since_ms.min(at_ms);
        self.know(passed_ms.clamp(0, GAP_MS) as f64);
        let is_away = passed_ms > AWAY_MS;
        if self.pace.learn(passed_ms) || is_away {
            self.deviation.doubt(DOUBT);
        }
        if is_away {
            self.season.doubt();
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
        self.tier.count = self.tier.count.saturating_add(1);
        if seldom { self.compare(at_ms, y) } else { new }
    }

    fn compare(&mut self, at_ms: i64, y: f64) -> f64 {
        let log = self.log(self.origin + y);
        let day = self.season.day_alone(at_ms).map(|usual| usual.mean);
        let yesterday = self.season.yesterday(at_ms);
        self.novelty.observe(Compared { y, log, day, yesterday })
    }

    /// What is said by how far a value is from usual.
    fn judge(
        &mut self,
        at_ms: i64,
        value: f64,
        surprise: Surprise,
        expectation: Expectation,
    ) -> Option<Judgement> {
        let sum = surprise.sum / (1.0 + self.youth(YOUNG_S));
        let dulled = self.habit.dull(at_ms, sum, self.pace.step_ms());
        if self.seen < SEEN_MIN {
            return None;
        }
        let (expected, band) = self.band(expectation);
        let score = 0.5 * habit::share(dulled);
        let confidence = self.tail.confidence(surprise.far, self.spell.as_far(self.distance(value)));
        Some(Judgement { value, expected, band, score, confidence, channel: surprise.channel })
    }

    /// How new a rest is: half of one for each doubling of a length that is many times the longest before.
    fn stuck(&self) -> f64 {
        let times = self.stillness.surprise() / RESTS_NEW;
        if times > 1.0 { 0.5 * times.log2() } else { 0.0 }
    }

    /// What is new ranks above all that is far, when both are said together; a level that has lasted is named.
    fn emphasise(&self, said: Judgement, new: f64, settled: bool) -> Judgement {
        let rest = self.stuck();
        let (new, channel) = if rest > new { (rest, Channel::Stuck) } else { (new, Channel::Novelty) };
        let new = new * (1.0 - self.youth(DAY_S)).max(0.0);
        let new = new / (new + NEW_HALF);
        if new > NEW && self.habit.spoke_within(self.at_ms, TOGETHER_MS) {
            let confidence = said.confidence.max(self.novelty.confidence());
            return Judgement { score: 0.5 + 0.5 * new, confidence, channel, ..said };
        }
        Judgement { channel: if settled { Channel::NewLevel } else { said.channel }, ..said }
    }

    /// Whether a new level has lasted. It is only said: the course of the day follows by a seventh each day, because
    /// to move it at once would make a new level of each weekend and of each Monday.
    fn has_settled(
        &mut self,
        at_ms: i64,
        usual: Option<Usual>,
        surprise: Surprise,
        expected: Expectation,
    ) -> bool {
        if surprise.sum > 0.0 {
            self.lasting.leave(at_ms, expected.y, expected.half);
        }
        self.lasting.settle(at_ms, self.recent.mean(), usual.map(|usual| usual.mean))
    }

    fn learn(
        &mut self,
        value: f64,
        y: f64,
        log: f64,
        usual: Option<Usual>,
        surprise: Surprise,
        expected: Expectation,
    ) {
        let rare = self.said.is_some_and(|said| said.confidence >= OPEN);
        let seen = Seen { y, far: surprise.moved, rare, known_s: self.known_s };
        let band = (expected.y - expected.half, expected.y + expected.half);
        let is_ordinary = self.spell.take(seen, band, &mut self.tail);
        self.far = surprise.moved as f32;
        self.learn_time(y, log, 1, usual, is_ordinary);
        self.seen = self.seen.saturating_add(1);
        self.stillness.learn(value != self.last, 1, self.seen);
        self.negative |= value < 0.0;
        self.last = value;
        if f64::from(self.known_s) >= WEEK_FROM_S && self.stillness.is_restless() {
            self.season.follow_week();
        }
    }

    /// While something is wrong a time of day that is known is taught no more than the edge of its band.
    fn learn_time(&mut self, y: f64, log: f64, count: u32, usual: Option<Usual>, is_ordinary: bool) {
        let near = usual.filter(|_| !is_ordinary).map_or(y, |usual| {
            let half = self.expectation(Some(usual)).half;
            y.max(usual.mean - half).min(usual.mean + half)
        });
        let log = if near == y { log } else { self.log(self.origin + near) };
        self.season.learn(self.at_ms, near, log, self.pace.step_ms(), count);
    }

    fn know(&mut self, passed_ms: f64) {
        self.known_s = (f64::from(self.known_s) + passed_ms / 1000.0) as f32;
    }

    /// How long `seconds` are beside the time that the series is known.
    fn youth(&self, seconds: f64) -> f64 {
        seconds / f64::from(self.known_s).max(0.001)
    }

    fn usual(&self, at_ms: i64) -> Option<Usual> {
        self.season.usual(at_ms, self.origin, |y| self.log(self.origin + y))
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
        usual.and_then(|usual| Some(log - usual.log_mean?)),
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
