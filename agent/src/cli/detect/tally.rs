//! What was met in a file.

use super::super::output::message;
use crate::dataset::{Fault, Reading};

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
    newest_ms: Option<i64>,
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

    /// Counts a row that is not understood, and says what is wrong with it.
    pub fn refuse(&mut self, file: &str, line: u64, fault: &Fault) {
        self.rows += 1;
        self.bad += 1;
        if self.bad <= BAD_TOLD_MAX {
            message(&format!("{file}:{line}: {fault}"));
        }
    }

    /// Says once what is odd about the whole file.
    pub fn tell(&self, file: &str) {
        if self.bad > 0 {
            message(&format!(
                "{file}: {} of {} rows are not understood; they have no score",
                self.bad, self.rows
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
