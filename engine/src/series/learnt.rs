//! What was learnt of a series, for people to read and to correct.

use super::{Series, Settled, Table};
use crate::anomaly::{Episode, Judgement, Maturity, Stage, lead};
use crate::history::MINUTE_TIER_MS;
use crate::labels::Labels;
use crate::own;
use crate::promql::Expr;
use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Points of the day that is drawn, and of the week.
const DAY_POINTS: i64 = 96;
const WEEK_POINTS: i64 = 168;
/// The epoch was a Thursday; weeks are drawn from Monday on.
const MONDAY_MS: i64 = 4 * DAY_MS;

/// What was learnt of a series.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// Name and labels.
    pub series: Arc<Labels>,
    /// How far it has come.
    pub maturity: Maturity,
    /// The latest value beside what is usual; nothing while it is not judged or has ended.
    pub now: Option<Judgement>,
    /// Open while it is unusual.
    pub anomaly: Option<Episode>,
    /// How often it was unusual before, and when last.
    pub before: (u32, Option<i64>),
    /// The new level that it settled at, for a week.
    pub settled: Option<Settled>,
}

/// Lower and upper end of what is usual.
pub type Band = (f64, f64);

/// A series over the last hours beside what was usual then.
#[derive(Clone, Debug)]
pub struct Course {
    /// What was learnt.
    pub learnt: Learnt,
    /// Time, value (the rate for a counter), and the band at that time of day as it is known now.
    pub points: Vec<(i64, f64, Option<Band>)>,
    /// Times of this day (UTC) with what is usual then.
    pub day: Vec<(i64, Option<Band>)>,
    /// The same of this week, from Monday on; empty unless its days differ.
    pub week: Vec<(i64, Option<Band>)>,
}

/// What somebody says of a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amend {
    /// What is now is usual from now on.
    Accept,
    /// Learn it anew.
    Reset,
}

impl Amend {
    /// The word in API and audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Amend::Accept => "accept",
            Amend::Reset => "reset",
        }
    }
}

impl Table {
    /// What was learnt of each series that lives and is judged.
    pub fn learnt(&self, wall_ms: i64) -> impl Iterator<Item = Learnt> {
        let judged = self.series().filter(move |series| series.latest.is_some() && self.is_judged(series));
        judged.map(move |series| series.learnt(wall_ms))
    }

    /// The series that a selector names, when it is one alone; the error says why not.
    pub fn one(&self, selector: &str) -> Result<u32, String> {
        let expr = Expr::parse(selector).map_err(|error| error.to_string())?;
        let is_meant = |series: &Series| expr.selectors().any(|own| own.matches(&series.labels));
        let meant = (0..self.slots()).filter(|slot| self.get(*slot).is_some_and(is_meant));
        match meant.collect::<Vec<_>>().as_slice() {
            [] => Err(format!("there is no series {selector}; hostward baseline list shows them")),
            [slot] => Ok(*slot),
            many => Err(format!(
                "{selector} are {} series; name one of them, such as {}",
                many.len(),
                self.get(many[0]).map(|series| series.labels.to_string()).unwrap_or_default()
            )),
        }
    }

    /// A series over the last `back_ms`.
    pub fn course(&self, slot: u32, wall_ms: i64, back_ms: i64) -> Option<Course> {
        let series = self.get(slot)?;
        let back_ms = back_ms.clamp(0, MINUTE_TIER_MS);
        let points = self.points(series, wall_ms - back_ms, wall_ms);
        let values = points.iter().enumerate().filter_map(|(index, point)| {
            let value = lead::value(&points, index, series.is_counter())?;
            Some((point.at_ms, value, series.detector.expected_at(point.at_ms)))
        });
        let learnt = series.learnt(wall_ms);
        let monday_ms = wall_ms - (wall_ms - MONDAY_MS).rem_euclid(7 * DAY_MS);
        let week_points = if learnt.maturity.stage == Stage::Week { WEEK_POINTS } else { 0 };
        Some(Course {
            learnt,
            points: values.collect(),
            day: series.usual(wall_ms - wall_ms.rem_euclid(DAY_MS), DAY_MS / DAY_POINTS, DAY_POINTS),
            week: series.usual(monday_ms, 7 * DAY_MS / WEEK_POINTS, week_points),
        })
    }

    /// Does what somebody says of a baseline; an anomaly of it is over.
    pub fn amend(&mut self, slot: u32, amend: Amend, wall_ms: i64) {
        let Some(series) = self.series.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        series.settle();
        match amend {
            Amend::Accept => series.detector.accept(wall_ms),
            Amend::Reset => (series.detector, series.past, series.settled) = Default::default(),
        }
    }

    /// How many of the series that live are at each of [`Stage::ALL`].
    pub fn stages(&self) -> [u64; Stage::ALL.len()] {
        let mut stages = [0; Stage::ALL.len()];
        for series in self.series().filter(|series| series.latest.is_some() && self.is_judged(series)) {
            stages[series.detector.maturity().stage as usize] += 1;
        }
        stages
    }

    fn is_judged(&self, series: &Series) -> bool {
        own::is_judged(&self.probe(series.probe).name)
    }
}

impl Series {
    /// What is usual at so many times.
    fn usual(&self, from_ms: i64, step_ms: i64, points: i64) -> Vec<(i64, Option<Band>)> {
        let times = (0..points).map(|index| from_ms + index * step_ms);
        times.map(|at_ms| (at_ms, self.detector.expected_at(at_ms))).collect()
    }

    fn learnt(&self, wall_ms: i64) -> Learnt {
        Learnt {
            series: self.labels.clone(),
            maturity: self.detector.maturity(),
            now: self.judgement(wall_ms),
            anomaly: self.anomaly.as_deref().copied(),
            before: (self.past.count(0.0), self.past.last_ms()),
            settled: self.settled.filter(|own| own.is_new(wall_ms)),
        }
    }
}
