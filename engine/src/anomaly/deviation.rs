//! What is far from usual: seven residuals of each value, and how their surprises add up.

use super::Channel;
use crate::baseline::{Spread, Usual, fading};
use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};

/// Residuals, in this order: to the day, to the day's logarithm, to the mean, to the median, slope, step, restlessness.
const KINDS: usize = 7;
const CHANNELS: [Channel; KINDS] = [
    Channel::Day,
    Channel::DayRatio,
    Channel::Level,
    Channel::Median,
    Channel::Shift,
    Channel::Step,
    Channel::Restless,
];
const RESTLESS: usize = 6;

/// Residuals of a kind before it has a voice.
const SEEN_MIN: u32 = 12;
/// A surprise begins at so many deviations.
const FAR: f64 = 4.0;
/// No single residual adds more than this: a factor of eight.
const VOICE_MAX: f64 = 3.0;
/// So many times the longest rest.
const RESTS: f64 = 4.0;
/// What is below a quarter of the record is no surprise.
const RECORD_SHARE: f64 = 0.25;
const RECORD_HALF_LIFE_MS: f64 = (5 * DAY_MS) as f64;
/// A time of day that itself varies must be missed by twice that.
const SLOT_DEVIATIONS: f64 = 2.0;
/// Where the day predicts so much better, the other residuals may not exceed what the day says.
const SEASONAL: f64 = 2.0;
/// Deviations are remembered for so many values, and at least for so long.
const MEMORY_VALUES: f64 = 2000.0;
const MEMORY_MS: f64 = (DAY_MS / 2) as f64;

/// Spreads of all residuals.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Deviation {
    spreads: [Spread; KINDS],
}

/// The residuals of one value; those of the day are absent until it is known.
pub type Residuals = [Option<f64>; KINDS];

/// How surprising a value is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surprise {
    /// Sum over all residuals; zero for the ordinary.
    pub sum: f64,
    /// The most deviations that any residual is off, or how many times as long as ever the series rests.
    pub far: f64,
    /// The most deviations that any residual is off.
    pub moved: f64,
    /// The residual that is off the most.
    pub channel: Channel,
}

impl Deviation {
    /// The spread of residuals to the day, when they are known and better than those to the mean.
    pub fn seasonal(&self) -> Option<&Spread> {
        let [day, _, level, ..] = &self.spreads;
        Some(day).filter(|day| day.seen() > SEEN_MIN && day.deviation() < level.deviation())
    }

    /// The spread of residuals to the mean.
    pub fn level(&self) -> &Spread {
        &self.spreads[2]
    }

    /// What is learnt weighs no more than so many values from now on, and records are forgotten.
    pub fn doubt(&mut self, seen_max: u32) {
        self.spreads.iter_mut().for_each(|spread| spread.doubt(seen_max));
    }

    /// Judges residuals by what was learnt before; `usual` bounds those of the day.
    pub fn judge(&self, residuals: &Residuals, usual: Option<Usual>) -> Surprise {
        let mut surprise = Surprise::default();
        let day = residuals[0].map(|residual| (residual - self.spreads[0].centre()).abs());
        let day_deviation = self.spreads[0].deviation();
        for (kind, residual) in residuals.iter().enumerate() {
            let (Some(residual), spread) = (residual, &self.spreads[kind]) else { continue };
            let mut distance = (residual - spread.centre()).abs();
            if spread.seen() <= SEEN_MIN || distance == 0.0 {
                continue;
            }
            let deviation = spread.deviation();
            if let Some(day) = day
                && (2..RESTLESS).contains(&kind)
                && day_deviation < SEASONAL * deviation
            {
                distance = distance.min(day);
            }
            let slot =
                if kind == 0 { usual.map_or(0.0, |usual| SLOT_DEVIATIONS * usual.deviation) } else { 0.0 };
            surprise.compare(kind, distance, deviation);
            surprise.add(kind, distance, (FAR * deviation).max(slot), spread.record(), deviation);
        }
        surprise
    }

    /// Learns residuals that came `count` times.
    pub fn learn(&mut self, residuals: &Residuals, count: u32, step_ms: f64, passed_ms: f64) {
        let memory = MEMORY_VALUES.max(MEMORY_MS / step_ms);
        let kept = fading(passed_ms, RECORD_HALF_LIFE_MS);
        for (spread, residual) in self.spreads.iter_mut().zip(residuals) {
            if let Some(residual) = residual {
                spread.learn(*residual, count, memory, kept);
            }
        }
        self.spreads[RESTLESS] = self.spreads[RESTLESS].centred();
    }
}

impl Surprise {
    /// Adds that the series rests so many times as long as ever.
    pub fn rest(&mut self, times: f64) {
        self.sum += voice(times, RESTS);
        if times > self.far.max(1.0) {
            (self.far, self.channel) = (times, Channel::Stuck);
        }
    }

    /// Where the week is known, it was the time of the week that was missed.
    pub fn named(self, usual: Option<Usual>) -> Self {
        let is_day = matches!(self.channel, Channel::Day | Channel::DayRatio);
        let is_weekly = is_day && usual.is_some_and(|usual| usual.weekly);
        Surprise { channel: if is_weekly { Channel::Week } else { self.channel }, ..self }
    }

    fn compare(&mut self, kind: usize, distance: f64, deviation: f64) {
        if distance > self.far * deviation {
            (self.far, self.channel) = (distance / deviation, CHANNELS[kind]);
            self.moved = self.far;
        }
    }

    fn add(&mut self, kind: usize, distance: f64, least: f64, record: f64, deviation: f64) {
        self.sum += voice(distance, least.max(RECORD_SHARE * record));
        if record > 0.0 {
            let weight = if kind == RESTLESS { 2.0 } else { 1.0 };
            self.sum += weight * voice(distance, record + 0.25 * deviation);
        }
    }
}

/// Doublings beyond the least that counts.
fn voice(distance: f64, least: f64) -> f64 {
    if distance > least { (distance / least).log2().min(VOICE_MAX) } else { 0.0 }
}
