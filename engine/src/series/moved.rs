//! Series that left what was expected of them for a while without becoming anomalies.

use super::learnt::Band;
use super::{Series, Table};
use crate::anomaly::{Stage, lead};
use crate::labels::Labels;
use crate::own;
use crate::promql::source::Point;
use std::sync::Arc;

/// Those that are told, the farthest.
const MOVED_MAX: usize = 5;
/// Fewer minutes out of the band on the same side are chance.
const MINUTES_MIN: usize = 3;
/// How far they are out at least in the middle, in half bands: what drifts steadily leaves the hour before by a quarter.
const BEYOND_MIN: f64 = 0.3;
/// One minute counts for no more, for the band of what hardly moves is narrow.
const BEYOND_MAX: f64 = 10.0;
/// While the course of the day is not known what is usual is where the series was in the hour before, of which so many
/// minutes must be known.
const HOUR_MS: i64 = 3_600_000;
const HOUR_MINUTES_MIN: usize = 30;

/// A series that moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// Name and labels.
    pub series: Arc<Labels>,
    /// When it left its band, wall clock, to the minute.
    pub onset_ms: i64,
    /// Its farthest value, or rate for a counter, and what was usual then.
    pub value: f64,
    /// See `value`.
    pub band: Band,
    beyond: f64,
}

impl Table {
    /// The series that moved most within a stretch of time, of those that live and are in no incident. It reads one value
    /// a minute of each, which takes 12 ms with 2,000 series: this is for what happens a few times a day.
    pub fn moved(&self, from_ms: i64, to_ms: i64) -> Vec<Moved> {
        let is_of_the_host = |probe: &str| own::is_judged(probe) && !own::is_own(probe);
        let candidates = self.series().filter(|series| {
            let is_known = series.anomaly.as_ref().is_some_and(|episode| episode.incident.is_some());
            series.latest.is_some() && !is_known && is_of_the_host(&self.probe(series.probe).name)
        });
        let points = |series| self.minute_points(series, from_ms - HOUR_MS, to_ms);
        let mut moved: Vec<_> =
            candidates.filter_map(|series| series.moved(&points(series), from_ms)).collect();
        moved.sort_by(|a, b| b.beyond.total_cmp(&a.beyond).then_with(|| a.series.cmp(&b.series)));
        moved.truncate(MOVED_MAX);
        moved
    }
}

impl Series {
    /// The farthest move since `from_ms`.
    fn moved(&self, points: &[Point], from_ms: i64) -> Option<Moved> {
        if points.iter().all(|point| point.value == points[0].value) {
            return None;
        }
        let values =
            (0..points.len()).filter_map(|at| lead::value(points, at, self.counter).map(|own| (at, own)));
        let values: Vec<_> = values.map(|(at, value)| (points[at].at_ms, value)).collect();
        let (before, since) = values.split_at(values.partition_point(|(at_ms, _)| *at_ms <= from_ms));
        let range = (before.len() >= HOUR_MINUTES_MIN).then(|| range(before));
        let knows_day = self.detector.maturity().stage >= Stage::Day;
        let band = |at_ms| if knows_day { self.detector.expected_at(at_ms) } else { range };
        let out: Vec<_> =
            since.iter().map(|(at_ms, value)| self.out(*at_ms, *value, band(*at_ms)?)).collect();
        let runs = out.chunk_by(|a, b| side(a) == side(b)).filter(|run| run.len() >= MINUTES_MIN);
        runs.filter_map(together).max_by(|a, b| a.beyond.total_cmp(&b.beyond))
    }

    /// A value as a move of one minute, when it is out of its band by a difference that matters.
    fn out(&self, onset_ms: i64, value: f64, band: Band) -> Option<Moved> {
        let (middle, half) = ((band.0 + band.1) / 2.0, (band.1 - band.0) / 2.0);
        let distance = (value - middle).abs();
        let is_out = distance > half && self.is_much(distance);
        let beyond = ((distance - half) / half).min(BEYOND_MAX);
        is_out.then(|| Moved { series: self.labels.clone(), onset_ms, value, band, beyond })
    }
}

/// Minutes one after the other as one move, if they are all out and far enough.
fn together(run: &[Option<Moved>]) -> Option<Moved> {
    let all = run.iter().cloned().collect::<Option<Vec<_>>>()?;
    let beyond: f64 = all.iter().map(|own| own.beyond).sum();
    let farthest = all.iter().max_by(|a, b| a.beyond.total_cmp(&b.beyond))?;
    let is_far = beyond >= BEYOND_MIN * all.len() as f64;
    is_far.then(|| Moved { onset_ms: all[0].onset_ms, beyond, ..farthest.clone() })
}

/// On which side of its band a value lies, if outside.
fn side(own: &Option<Moved>) -> Option<bool> {
    own.as_ref().map(|own| own.value > own.band.1)
}

fn range(values: &[(i64, f64)]) -> Band {
    let values = values.iter().map(|(_, value)| *value);
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}
