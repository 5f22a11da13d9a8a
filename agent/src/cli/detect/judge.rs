//! The rows of one file through one detector.

use super::Tally;
use super::beginning::{Beginning, next};
use crate::cli::output::message;
use crate::dataset::{Row, Rows};
use hostward_engine::anomaly::{Detector, Judgement};
use hostward_engine::portrait::Rates;

/// Why a file was not read to its end.
pub enum Stop {
    /// It cannot be read, or is none of ours; the rest can.
    Input(String),
    /// What is found cannot be written.
    Output(String),
    /// Whoever read what we write has seen enough.
    Reader,
}

/// A detector, and how it is used.
pub struct Judge {
    /// What was learnt.
    pub detector: Detector,
    level: f64,
    /// There when values are those of a counter.
    counter: Option<Counter>,
}

/// The values of a counter up to now.
#[derive(Default)]
struct Counter {
    rates: Rates,
    at_ms: i64,
    value: f64,
}

/// What is said of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Said {
    /// By the detector; none of the first rows, and of one without a value.
    pub judgement: Option<Judgement>,
    /// What a counter counted in a second.
    pub rate: Option<f64>,
    /// Whether the score reaches the level.
    pub is_anomaly: bool,
}

impl Judge {
    /// From `level` on a row is an anomaly; with `by_rate` values are those of a counter.
    pub fn new(detector: Detector, level: f64, by_rate: bool) -> Judge {
        Judge { detector, level, counter: by_rate.then(Counter::default) }
    }

    fn say(&mut self, row: &Row<'_>, tally: &mut Tally) -> Said {
        let Ok(reading) = &row.reading else { return Said::default() };
        tally.read(reading);
        let Some(value) = reading.value else { return Said::default() };
        let rate = self.counter.as_mut().map(|counter| counter.rate(reading.at_ms, value, tally));
        let judged = rate.unwrap_or(Some(value));
        let judgement = judged.and_then(|value| self.detector.observe(reading.at_ms, value));
        let is_anomaly = judgement.is_some_and(|said| said.score >= self.level);
        Said { judgement, rate: rate.flatten(), is_anomaly }
    }
}

impl Counter {
    /// None when it began again; how often is counted.
    fn rate(&mut self, at_ms: i64, value: f64, tally: &mut Tally) -> Option<f64> {
        tally.restarts += u64::from(at_ms > self.at_ms && value < self.value);
        (self.at_ms, self.value) = (at_ms, value);
        self.rates.next(at_ms, value)
    }
}

/// The rows that the file begins with, and what is said of each: in the order of time when they are the whole file, newest first.
fn begin(
    rows: &mut Rows,
    judge: &mut Judge,
    file: &str,
    tally: &mut Tally,
) -> Result<(Vec<Row<'static>>, Vec<Said>), Stop> {
    let Beginning { mut rows, is_newest_first } = Beginning::read(rows)?;
    if is_newest_first {
        message(&format!("{file}: its newest row comes first; it is judged in the order of time"));
        rows.reverse();
    }
    let mut said: Vec<Said> = rows.iter().map(|row| judge.say(row, tally)).collect();
    if is_newest_first {
        rows.reverse();
        said.reverse();
    }
    Ok((rows, said))
}

/// Judges row by row, in the order of time when the newest come first, and gives each to `each` in the order of the file.
pub fn judge(
    rows: &mut Rows,
    judge: &mut Judge,
    file: &str,
    mut each: impl FnMut(&Row<'_>, &Said) -> Result<(), Stop>,
) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    let mut give = |row: &Row<'_>, said: &Said, tally: &mut Tally| {
        tally.said(file, row, said);
        each(row, said)
    };
    let (held, said) = begin(rows, judge, file, &mut tally)?;
    for (row, said) in held.iter().zip(&said) {
        give(row, said, &mut tally)?;
    }
    while let Some(row) = next(rows).map_err(|why| Stop::Input(why + "; the rows before it are judged"))? {
        let said = judge.say(&row, &mut tally);
        give(&row, &said, &mut tally)?;
    }
    tally.tell(file);
    match tally.rows {
        0 => Err(Stop::Input("it has a header and no rows".to_owned())),
        _ => Ok(tally),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_has_no_rate_where_it_began_again_nor_for_late_rows() {
        let (mut counter, mut tally) = (Counter::default(), Tally::default());
        let rows = [(0, 5.0), (1000, 7.0), (2000, 1.0), (3000, 2.0), (2500, 1.5), (3500, 2.5), (90_000, 0.0)];
        let rates = rows.map(|(at_ms, value)| counter.rate(at_ms, value, &mut tally));
        assert_eq!(rates, [None, Some(2.0), None, Some(1.0), None, Some(1.0), None]);
        assert_eq!(tally.restarts, 2);
    }
}
