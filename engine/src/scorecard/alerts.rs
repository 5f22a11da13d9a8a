//! Alarms as the calls that a person would get.

use super::{Mark, Pace};

/// A new alert begins after so long without an alarm.
const QUIET_MS: i64 = 30 * 60_000;
/// Alarms that go on call again so long after the call before.
const AGAIN_MS: i64 = 4 * 3_600_000;

/// The rows in which alerts begin.
pub(super) fn begins(marks: &[Mark], pace: &Pace) -> Vec<usize> {
    let quiet = pace.rows(QUIET_MS);
    let again = pace.rows(AGAIN_MS).max(quiet);
    let (mut begins, mut last) = (Vec::<usize>::new(), 0);
    for (row, _) in marks.iter().enumerate().filter(|(_, mark)| mark.is_alarm == Some(true)) {
        let is_new = begins.last().is_none_or(|began| row - last > quiet || row - began >= again);
        if is_new {
            begins.push(row);
        }
        last = row;
    }
    begins
}
