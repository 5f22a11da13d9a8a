//! The points of a series: from a file, or asked of the daemon.

use super::super::output::{items, message};
use super::super::{Common, Failure, daemon};
use super::Profile;
use crate::dataset::{self, Need, Rows};
use crate::percent::encode;
use crate::visible::visible;
use hostward_engine::portrait::Point;
use serde_json::Value;
use std::path::Path;

/// Rows that are held at once, in 24 bytes each; a longer file is not looked at.
const ROWS_MAX: usize = 10_000_000;
/// Rows that are not understood and told of one by one; the rest is counted.
const BAD_TOLD_MAX: usize = 5;

/// What was read.
pub struct Collected {
    pub points: Vec<Point>,
    /// Rows that are not understood.
    pub bad: usize,
}

/// A file when there is one of that name, or when no series can have it; else a series.
pub fn collect(common: &Common, own: &Profile) -> Result<Collected, Failure> {
    let path = Path::new(&own.of);
    if path.exists() || is_file_name(&own.of) {
        let told = |why: String| Failure::Usage(format!("{}: {why}", visible(&own.of)));
        return of_file(path).map_err(told);
    }
    of_series(common, own).map(|points| Collected { points, bad: 0 })
}

/// Names of metrics have no point and no slash; values of labels can.
fn is_file_name(of: &str) -> bool {
    of == "-" || of.split('{').next().is_some_and(|name| name.contains(['.', '/']))
}

fn of_file(path: &Path) -> Result<Collected, String> {
    let opened = dataset::open(path)?;
    let mut rows = Rows::new(opened, Need::Values)?;
    let mut all = Collected { points: Vec::new(), bad: 0 };
    while let Some(row) = rows.read().map_err(|error| error.to_string())? {
        match row.reading {
            Ok(reading) => all.points.push(Point { at_ms: reading.at_ms, value: reading.value }),
            Err(fault) => {
                all.bad += 1;
                if all.bad <= BAD_TOLD_MAX {
                    message(&format!("{}:{}: {fault}", visible(&path.display().to_string()), row.line));
                }
            }
        }
        if all.points.len() > ROWS_MAX {
            return Err(format!("over {ROWS_MAX} rows; look at a part of it"));
        }
    }
    if all.points.is_empty() && all.bad == 0 {
        return Err("it has a header and no rows".to_owned());
    }
    // Rates, and what comes late, are of rows in the order of time.
    if all.points.is_sorted_by(|one, next| one.at_ms >= next.at_ms) {
        all.points.reverse();
    }
    Ok(all)
}

/// The samples as the daemon has them, not on steps: their distances are part of the picture.
fn of_series(common: &Common, own: &Profile) -> Result<Vec<Point>, Failure> {
    let query = format!("{}[{}ms]", own.of, own.range.ms());
    let answer = daemon::get(common, &format!("query?query={}", encode(&query)))?;
    match items(&answer, "result") {
        [one] => Ok(items(one, "values").iter().map(point).collect()),
        [] => Err(Failure::Usage(format!(
            "no file and no series is called {:?}; hostward query shows series",
            own.of
        ))),
        many => Err(Failure::Usage(format!(
            "{} series match {:?}; name one by its labels, as hostward query prints them",
            many.len(),
            own.of
        ))),
    }
}

fn point(own: &Value) -> Point {
    let value = own[1].as_str().and_then(|text| text.parse().ok()).filter(|value: &f64| value.is_finite());
    Point { at_ms: (own[0].as_f64().unwrap_or(0.0) * 1000.0).round() as i64, value }
}
