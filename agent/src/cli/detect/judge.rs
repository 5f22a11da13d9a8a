//! The rows of one file through one detector.

use super::Tally;
use crate::dataset::{Row, Rows};
use hostward_engine::anomaly::{Detector, Judgement};

/// Why a file was not read to its end.
pub enum Stop {
    /// It cannot be read, or is none of ours; the rest can.
    Input(String),
    /// What is found cannot be written.
    Output(String),
    /// Whoever read what we write has seen enough.
    Reader,
}

/// Judges row by row and gives each to `each`, with what was said of it and whether that is an anomaly.
pub fn judge(
    rows: &mut Rows,
    detector: &mut Detector,
    level: f64,
    file: &str,
    mut each: impl FnMut(&Row<'_>, Option<Judgement>, bool) -> Result<(), Stop>,
) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    loop {
        let line = rows.line() + 1;
        let row = rows
            .read()
            .map_err(|error| Stop::Input(format!("line {line}: {error}; the rows before it are judged")))?;
        let Some(row) = row else { break };
        let judged = match &row.reading {
            Ok(reading) => {
                tally.read(reading);
                reading.value.and_then(|value| detector.observe(reading.at_ms, value))
            }
            Err(fault) => {
                tally.refuse(file, row.line, fault);
                None
            }
        };
        let is_anomaly = judged.is_some_and(|judged| judged.score >= level);
        tally.judged += u64::from(judged.is_some());
        tally.anomalies += u64::from(is_anomaly);
        each(&row, judged, is_anomaly)?;
    }
    tally.tell(file);
    Ok(tally)
}
