//! What was saved before weeks, spells and times of habits were known.

use super::{Detector, Judgement, Tier};

use crate::anomaly::deviation::Deviation;
use crate::anomaly::habit::Habit;
use crate::anomaly::lasting::Lasting;
use crate::anomaly::novelty::Novelty;
use crate::anomaly::spell::Spell;
use crate::anomaly::stillness::Stillness;
use crate::anomaly::tail::Tail;
use crate::baseline::{Day, Pace, Recent, Season};
use serde::Deserialize;

/// A detector as it was; its fields are never changed.
#[derive(Deserialize)]
pub struct DetectorV1 {
    at_ms: i64,
    last: f64,
    said: Option<Judgement>,
    seen: u32,
    stillness: Stillness,
    pending: u32,
    far: f32,
    pace: Pace,
    origin: f64,
    log_origin: f32,
    negative: bool,
    since_ms: i64,
    tier: Tier,
    recent: Recent,
    deviation: Deviation,
    /// Load, load before, peak, time of the last.
    habit: (f32, f32, f32, i64),
    lasting: Lasting,
    tail: Tail,
    novelty: Novelty,
    day: Option<Box<Day>>,
}

impl From<DetectorV1> for Detector {
    fn from(old: DetectorV1) -> Self {
        let (load, before, peak, last_ms) = old.habit;
        Detector {
            at_ms: old.at_ms,
            last: old.last,
            said: old.said,
            seen: old.seen,
            stillness: old.stillness,
            pending: old.pending,
            far: old.far,
            pace: old.pace,
            origin: old.origin,
            log_origin: old.log_origin,
            negative: old.negative,
            since_ms: old.since_ms,
            known_s: (old.at_ms.saturating_sub(old.since_ms) / 1000).max(0) as f32,
            tier: old.tier,
            recent: old.recent,
            deviation: old.deviation,
            habit: Habit::since(load, before, peak, last_ms),
            lasting: old.lasting,
            tail: old.tail,
            spell: Spell::default(),
            novelty: old.novelty,
            season: Season::of_day(old.day),
        }
    }
}
