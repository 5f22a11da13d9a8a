//! What selectors and subqueries gave for all steps of a query at once, and the part of it that one step sees.

use super::error::EvalError;
use super::eval::{Context, Times};
use super::node::Subquery;
use super::source::Point;
use crate::labels::Labels;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Series with all points that a query needs of them.
pub struct Fetched(Vec<Series>);

/// One of them.
pub struct Series {
    pub labels: Arc<Labels>,
    /// Of a subquery: the metric name goes when the evaluation ends.
    pub drops_name: bool,
    pub points: Vec<Point>,
}

/// The points of one series that one step sees.
pub struct Line<'a> {
    pub labels: Arc<Labels>,
    pub drops_name: bool,
    pub points: Cow<'a, [Point]>,
}

impl Fetched {
    /// As a source gives them, with the marks where series end.
    pub fn plain(series: Vec<(Arc<Labels>, Vec<Point>)>) -> Self {
        let series = series.into_iter();
        Fetched(series.map(|(labels, points)| Series { labels, drops_name: false, points }).collect())
    }

    /// Without the marks: ranges pass over them.
    pub fn alive(series: Vec<(Arc<Labels>, Vec<Point>)>) -> Self {
        let mut fetched = Fetched::plain(series);
        fetched.0.iter_mut().for_each(|series| series.points.retain(|point| !point.is_end()));
        fetched.0.retain(|series| !series.points.is_empty());
        fetched
    }

    /// A subquery at each multiple of its step in `(from_ms, to_ms]`.
    pub fn steps(
        context: &Context<'_>,
        subquery: &Subquery,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Self, EvalError> {
        let step_ms = subquery.step_ms;
        let first_ms = from_ms.div_euclid(step_ms).saturating_add(1).saturating_mul(step_ms);
        let last_ms = to_ms.div_euclid(step_ms).saturating_mul(step_ms);
        let mut found: Vec<Series> = Vec::new();
        let mut places: HashMap<(Arc<Labels>, bool), usize> = HashMap::new();
        let mut at_ms = first_ms;
        while at_ms <= last_ms {
            let step = Context { at_ms, times: Times { first_ms, last_ms }, ..*context };
            for element in step.vector(&subquery.of)? {
                let key = (element.labels.clone(), element.drops_name);
                let place = *places.entry(key).or_insert(found.len());
                if place == found.len() {
                    let (labels, drops_name) = (element.labels, element.drops_name);
                    found.push(Series { labels, drops_name, points: Vec::new() });
                }
                found[place].points.push(Point { at_ms, value: element.value });
            }
            context.query.touch(1)?;
            at_ms += step_ms;
        }
        Ok(Fetched(found))
    }

    /// Number of points.
    pub fn points(&self) -> usize {
        self.0.iter().map(|series| series.points.len()).sum()
    }

    /// The points in `(from_ms, to_ms]`; series without any are left out.
    pub fn window(&self, from_ms: i64, to_ms: i64) -> Vec<Line<'_>> {
        let line = |series: &'_ Series| within(&series.points, from_ms, to_ms);
        let lines =
            self.0.iter().map(|series| (series, line(series))).filter(|(_, (begin, end))| begin < end);
        lines
            .map(|(series, (begin, end))| Line {
                labels: series.labels.clone(),
                drops_name: series.drops_name,
                points: Cow::Borrowed(&series.points[begin..end]),
            })
            .collect()
    }

    /// The latest point of each series in `(at_ms - lookback_ms, at_ms]`, unless the series has ended.
    pub fn latest(&self, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, Point)> {
        let latest = |series: &Series| {
            let (begin, end) = within(&series.points, at_ms.saturating_sub(lookback_ms), at_ms);
            let point = series.points[begin..end].last().filter(|point| !point.is_end())?;
            Some((series.labels.clone(), *point))
        };
        self.0.iter().filter_map(latest).collect()
    }
}

impl IntoIterator for Fetched {
    type Item = Series;
    type IntoIter = std::vec::IntoIter<Series>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Indices of the points in `(from_ms, to_ms]`.
fn within(points: &[Point], from_ms: i64, to_ms: i64) -> (usize, usize) {
    let before = |limit_ms: i64| points.partition_point(|point| point.at_ms <= limit_ms);
    (before(from_ms), before(to_ms))
}
