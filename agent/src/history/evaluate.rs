//! Evaluating over both sources within bounds of memory and time.

use super::{Archive, Budget, Fault, Over};
use hostward_engine::Excerpt;
use hostward_engine::labels::Labels;
use hostward_engine::promql::source::Point;
use hostward_engine::promql::{Annotations, EvalError, Expr, RangeSeries, STEPS_MAX, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

/// An answer may have so many points.
const POINTS_MAX: usize = 500_000;
/// A range is evaluated in pieces of this length, so that no more than the samples of one are in memory.
const PIECE_MS: i64 = 6 * 3_600_000;

/// Why there is no answer.
#[derive(Debug)]
pub enum Refusal {
    /// The expression has no value.
    Eval(EvalError),
    /// It costs too much, or the disk fails.
    Fault(Fault),
    /// The answer is too long.
    Points,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Eval(error) => error.fmt(f),
            Refusal::Fault(fault) => fault.fmt(f),
            Refusal::Points => {
                write!(f, "the answer has more than {POINTS_MAX} points: take a longer step, or aggregate")
            }
        }
    }
}

/// A range of instants.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// The first.
    pub from_ms: i64,
    /// Not after this.
    pub to_ms: i64,
    /// Between two.
    pub step_ms: i64,
}

/// The value at one time.
pub fn at(
    archive: &Archive,
    memory: &Excerpt,
    expr: &Expr,
    at_ms: i64,
    time_max: Duration,
) -> Result<(Value, Annotations), Refusal> {
    let disk = archive.look(Budget { time_max, ..Budget::default() });
    let answer = expr.answer(&Over { memory, disk: &disk }, at_ms);
    disk.fault().map_or(Ok(()), |fault| Err(Refusal::Fault(fault)))?;
    let answer = answer.map_err(Refusal::Eval)?;
    match &answer.0 {
        Value::Matrix(series) if points(series) > POINTS_MAX => Err(Refusal::Points),
        _ => Ok(answer),
    }
}

/// The values over time, series in the order of their labels.
pub fn over(
    archive: &Archive,
    memory: &Excerpt,
    expr: &Expr,
    steps: Steps,
    time_max: Duration,
) -> Result<(Vec<RangeSeries>, Annotations), Refusal> {
    let until = Instant::now() + time_max;
    let mut joined: BTreeMap<Labels, Vec<Point>> = BTreeMap::new();
    let (mut notes, mut count) = (Annotations::default(), 0);
    for piece in pieces(expr, steps).map_err(Refusal::Eval)? {
        let left = Budget { time_max: until.saturating_duration_since(Instant::now()), ..Budget::default() };
        let disk = archive.look(left);
        let source = Over { memory, disk: &disk };
        let answer = expr.answer_range(&source, piece.from_ms, piece.to_ms, piece.step_ms);
        disk.fault().map_or(Ok(()), |fault| Err(Refusal::Fault(told(fault, time_max))))?;
        let (series, own) = answer.map_err(Refusal::Eval)?;
        count += points(&series);
        if count > POINTS_MAX {
            return Err(Refusal::Points);
        }
        series.into_iter().for_each(|own| joined.entry(own.labels).or_default().extend(own.points));
        notes.warnings.extend(own.warnings);
        notes.infos.extend(own.infos);
    }
    Ok((joined.into_iter().map(|(labels, points)| RangeSeries { labels, points }).collect(), notes))
}

/// What is over is all of the time, not what was left of it.
fn told(fault: Fault, time_max: Duration) -> Fault {
    if let Fault::Time(_) = fault { Fault::Time(time_max) } else { fault }
}

fn points(series: &[RangeSeries]) -> usize {
    series.iter().map(|own| own.points.len()).sum()
}

/// An expression with `@` looks at the begin and the end of the query, so it stays whole; so does what is refused anyway.
fn pieces(expr: &Expr, steps: Steps) -> Result<Vec<Steps>, EvalError> {
    let Steps { from_ms, to_ms, step_ms } = steps;
    if step_ms <= 0 || to_ms < from_ms || expr.text().contains('@') {
        return Ok(vec![steps]);
    }
    if to_ms.saturating_sub(from_ms) / step_ms >= STEPS_MAX as i64 {
        return Err(EvalError::TooManySteps { steps_max: STEPS_MAX });
    }
    let length_ms = PIECE_MS.max(expr.window_ms()).max(step_ms) / step_ms * step_ms;
    let begins = (from_ms..=to_ms).step_by(usize::try_from(length_ms).unwrap_or(usize::MAX));
    let piece = |from_ms: i64| Steps { from_ms, to_ms: to_ms.min(from_ms + length_ms - step_ms), step_ms };
    Ok(begins.map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces_of(expr: &str, from_ms: i64, to_ms: i64, step_ms: i64) -> Vec<(i64, i64)> {
        let steps = Steps { from_ms, to_ms, step_ms };
        pieces(&Expr::parse(expr).unwrap(), steps)
            .unwrap()
            .iter()
            .map(|own| (own.from_ms, own.to_ms))
            .collect()
    }

    #[test]
    fn pieces_have_each_step_once() {
        let hour = 3_600_000;
        assert_eq!(pieces_of("up", 0, 2 * hour, 60_000), [(0, 2 * hour)]);
        assert_eq!(
            pieces_of("up", 0, 13 * hour, hour),
            [(0, 5 * hour), (6 * hour, 11 * hour), (12 * hour, 13 * hour)]
        );
        assert_eq!(
            pieces_of("up", 0, 20 * hour, 10 * hour),
            [(0, 0), (10 * hour, 10 * hour), (20 * hour, 20 * hour)]
        );
        assert_eq!(pieces_of("up @ start()", 0, 20 * hour, hour), [(0, 20 * hour)]);
        assert_eq!(pieces_of("rate(up[1d])", 0, 20 * hour, hour).len(), 1, "not shorter than its window");
        let many = Steps { from_ms: 0, to_ms: 11_000, step_ms: 1 };
        assert!(pieces(&Expr::parse("up").unwrap(), many).is_err());
    }
}
