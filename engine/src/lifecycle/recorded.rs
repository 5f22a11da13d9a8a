//! What rules have recorded: series like any other to the rules that come after.

use super::{RuleKey, rule_key};
use crate::history;
use crate::labels::Labels;
use crate::promql::LOOKBACK_MS;
use crate::promql::source::{Point, Selector, Source};
use crate::rules::Rule;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Rules may record so many series; a rule that would record more fails.
const SERIES_MAX: usize = 2_000;
/// So many points are kept unless more is asked for; at the bound each series loses its older half.
const POINTS_MAX: usize = 200_000;
/// At least so long: what is recorded must still be there when it is written to disk.
const KEEP_MS_MIN: i64 = 3 * LOOKBACK_MS;
/// Not longer than this, however far back a rule looks.
const KEEP_MS_MAX: i64 = 24 * 3_600_000;

/// Series that rules recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recorded {
    series: BTreeMap<Arc<Labels>, VecDeque<Point>>,
    /// The series that each rule recorded the last time.
    latest: BTreeMap<RuleKey, BTreeSet<Arc<Labels>>>,
    keep_ms: i64,
    points_max: usize,
    /// Evaluations of rules that were left out because their group's budget was used up.
    pub skipped: u64,
}

impl Default for Recorded {
    fn default() -> Self {
        let (series, latest) = Default::default();
        Recorded { series, latest, keep_ms: KEEP_MS_MIN, points_max: POINTS_MAX, skipped: 0 }
    }
}

impl Recorded {
    /// Keeps as much as the rule that looks back farthest needs.
    pub fn keep(&mut self, window_ms: i64) {
        self.keep_ms = window_ms.clamp(KEEP_MS_MIN, KEEP_MS_MAX);
    }

    /// Keeps more.
    pub fn keep_more(&mut self, keep_ms: i64, points_max: usize) {
        (self.keep_ms, self.points_max) = (keep_ms, points_max);
    }

    /// Takes what a rule gave; series that it gave before and does not give any more have ended.
    pub fn take(
        &mut self,
        rule: &Rule,
        samples: impl IntoIterator<Item = (Labels, f64)>,
        at_ms: i64,
    ) -> Result<(), String> {
        let samples: Vec<_> = samples.into_iter().map(|(labels, value)| (Arc::new(labels), value)).collect();
        if samples.is_empty() && self.latest.is_empty() {
            return Ok(());
        }
        let new = samples.iter().filter(|(labels, _)| !self.series.contains_key(labels)).count();
        if self.series.len() + new > SERIES_MAX {
            return Err(format!("rules would record more than {SERIES_MAX} series; nothing of this one is"));
        }
        let given: BTreeSet<_> = samples.iter().map(|(labels, _)| labels.clone()).collect();
        let before = if given.is_empty() {
            self.latest.remove(&rule_key(rule))
        } else {
            self.latest.insert(rule_key(rule), given.clone())
        };
        let before = before.unwrap_or_default();
        for (labels, value) in samples {
            self.push(labels, Point { at_ms, value });
        }
        for ended in before.difference(&given) {
            self.push(ended.clone(), Point { at_ms, value: history::stale() });
        }
        Ok(())
    }

    fn push(&mut self, labels: Arc<Labels>, point: Point) {
        let points = self.series.entry(labels).or_default();
        if points.back().is_none_or(|last| last.at_ms < point.at_ms) {
            points.push_back(point);
        }
    }

    /// Forgets what no rule looks at any more.
    pub fn trim(&mut self, now_ms: i64) {
        let oldest_ms = now_ms.saturating_sub(self.keep_ms);
        for points in self.series.values_mut() {
            while points.front().is_some_and(|point| point.at_ms < oldest_ms) {
                points.pop_front();
            }
        }
        if self.series.values().map(VecDeque::len).sum::<usize>() > self.points_max {
            self.series.values_mut().for_each(|points| drop(points.drain(..points.len() / 2)));
        }
        self.series.retain(|_, points| !points.is_empty());
    }
}

impl Recorded {
    /// What a test of labels lets through, later than `after_ms`.
    pub fn since(
        &self,
        after_ms: i64,
        is_wanted: impl Fn(&Labels) -> bool,
    ) -> impl Iterator<Item = (Arc<Labels>, Vec<Point>)> {
        let wanted = self.series.iter().filter(move |(labels, _)| is_wanted(labels));
        wanted.map(move |(labels, points)| {
            let begin = points.partition_point(|point| point.at_ms <= after_ms);
            (labels.clone(), points.range(begin..).copied().collect())
        })
    }
}

impl Source for Recorded {
    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let mut found = Vec::new();
        for (labels, points) in self.series.iter().filter(|(labels, _)| selector.matches(labels)) {
            let begin = points.partition_point(|point| point.at_ms <= from_ms);
            let end = points.partition_point(|point| point.at_ms <= to_ms);
            if begin < end {
                found.push((labels.clone(), points.range(begin..end).copied().collect()));
            }
        }
        found
    }
}

/// The host's series and those that rules recorded.
#[derive(Clone, Copy)]
pub struct Joined<'a> {
    /// What was sampled.
    pub host: &'a dyn Source,
    /// What was recorded.
    pub recorded: &'a Recorded,
}

impl Source for Joined<'_> {
    fn each(
        &self,
        selector: &Selector,
        from_ms: i64,
        to_ms: i64,
        visit: &mut dyn FnMut(&Arc<Labels>, &[Point]),
    ) {
        self.host.each(selector, from_ms, to_ms, visit);
        self.recorded.each(selector, from_ms, to_ms, visit);
    }

    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        let mut found = self.host.range(selector, from_ms, to_ms);
        found.extend(self.recorded.range(selector, from_ms, to_ms));
        found
    }

    fn instant(&self, selector: &Selector, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, Point)> {
        let mut found = self.host.instant(selector, at_ms, lookback_ms);
        found.extend(self.recorded.instant(selector, at_ms, lookback_ms));
        found
    }
}
