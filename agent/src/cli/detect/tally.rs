//! What was met in a file.

use super::super::output::message;
use super::Said;
use crate::dataset::{Reading, Row};

/// Rows that are not understood and told of one by one; the rest is counted.
const BAD_TOLD_MAX: u64 = 5;

/// Counts of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub rows: u64,
    /// Rows with a score.
    pub judged: u64,
    /// Rows that were called an anomaly.
    pub anomalies: u64,
    /// Rows without a value.
    pub missing: u64,
    /// Rows that are not understood.
    pub bad: u64,
    /// Rows that are older than one before them.
    pub late: u64,
    /// Rows with the same time as the one before them.
    pub repeated: u64,
    /// Rows in which a counter began again.
    pub restarts: u64,
    /// The newest time.
    pub newest_ms: Option<i64>,
}

impl Tally {
    /// Counts a row that is understood.
    pub fn read(&mut self, reading: &Reading) {
        self.rows += 1;
        self.missing += u64::from(reading.value.is_none());
        match self.newest_ms {
            Some(newest) if reading.at_ms < newest => self.late += 1,
            Some(newest) if reading.at_ms == newest => self.repeated += 1,
            _ => self.newest_ms = Some(reading.at_ms),
        }
    }

    /// Counts what is said of a row; what is wrong with one that is not understood is told.
    pub fn said(&mut self, file: &str, row: &Row<'_>, said: &Said) {
        self.judged += u64::from(said.judgement.is_some());
        self.anomalies += u64::from(said.is_anomaly);
        let Err(fault) = &row.reading else { return };
        self.rows += 1;
        self.bad += 1;
        if self.bad <= BAD_TOLD_MAX {
            message(&format!("{file}:{}: {fault}", row.line));
        }
    }

    /// What is wrong with the file, if something is.
    pub fn complaint(&self) -> Option<String> {
        (self.bad > 0).then(|| format!("{} of {} rows are not understood", self.bad, self.rows))
    }

    /// Says once what is odd about the whole file.
    pub fn tell(&self, file: &str) {
        if self.restarts > 0 {
            message(&format!(
                "{file}: the counter began again in {} rows, which have no rate",
                self.restarts
            ));
        }
        if self.late + self.repeated > 0 {
            message(&format!(
                "{file}: {} rows are older than one before them and {} have the same time; they are judged in the order of the file",
                self.late, self.repeated
            ));
        }
    }
}
