//! Where the evaluator gets its samples from.

use crate::history::is_stale;
use crate::labels::{Labels, NAME};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Wall clock, milliseconds since the epoch.
    pub at_ms: i64,
    /// The value, or the mark that the series has ended.
    pub value: f64,
}

impl Point {
    /// Whether it says that the series has ended.
    pub fn is_end(&self) -> bool {
        is_stale(self.value)
    }
}

/// Series that can be selected by their labels.
pub trait Source {
    /// The points of each selected series in `(from_ms, to_ms]`, in order of time, marks of its ends among them;
    /// series without any are left out.
    fn range(&self, selector: &Selector, from_ms: i64, to_ms: i64) -> Vec<(Arc<Labels>, Vec<Point>)>;

    /// The same one series after the other, so that a source can read all of them into the same memory.
    fn each(
        &self,
        selector: &Selector,
        from_ms: i64,
        to_ms: i64,
        visit: &mut dyn FnMut(&Arc<Labels>, &[Point]),
    ) {
        self.range(selector, from_ms, to_ms).iter().for_each(|(labels, points)| visit(labels, points));
    }

    /// The latest point of each selected series in `(at_ms - lookback_ms, at_ms]`, unless the series has ended.
    fn instant(&self, selector: &Selector, at_ms: i64, lookback_ms: i64) -> Vec<(Arc<Labels>, Point)> {
        let series = self.range(selector, at_ms.saturating_sub(lookback_ms), at_ms).into_iter();
        series
            .filter_map(|(labels, points)| Some((labels, *points.last().filter(|point| !point.is_end())?)))
            .collect()
    }
}

/// Which series: a name and conditions on labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selector {
    /// The metric name, when the expression gives one plainly.
    pub name: Option<String>,
    /// All other conditions; they may speak of `__name__`.
    pub matchers: Vec<Matcher>,
}

/// A condition on one label; a label that is absent has the empty value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Matcher {
    /// Label name.
    pub label: String,
    /// What its value must be.
    pub test: Test,
}

/// What a label's value must be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// `=`
    Equal(String),
    /// `!=`
    NotEqual(String),
    /// `=~`, anchored at both ends.
    Match(Pattern),
    /// `!~`, anchored at both ends.
    NoMatch(Pattern),
}

/// A compiled regular expression; equal when its text is.
#[derive(Clone, Debug)]
pub struct Pattern(pub regex::Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl std::hash::Hash for Pattern {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

impl Selector {
    /// Whether a series has what is asked for.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.name.as_deref().is_none_or(|name| labels.get(NAME) == name)
            && self.matchers.iter().all(|matcher| matcher.matches(labels.get(&matcher.label)))
    }
}

impl Matcher {
    fn matches(&self, value: &str) -> bool {
        match &self.test {
            Test::Equal(wanted) => value == wanted,
            Test::NotEqual(wanted) => value != wanted,
            Test::Match(pattern) => pattern.0.is_match(value),
            Test::NoMatch(pattern) => !pattern.0.is_match(value),
        }
    }
}
