//! Stretches of rows that are labelled.

use super::{Mark, Pace};
use std::ops::RangeInclusive;

/// Labels interrupted for so long are one event.
const JOIN_MS: i64 = 300_000;
/// An alarm so long after an event still belongs to it.
const AFTER_MS: i64 = 600_000;

/// One event, by the numbers of its rows.
pub(super) struct Event {
    pub(super) first: usize,
    pub(super) last: usize,
    after: usize,
}

impl Event {
    /// The rows in which an alarm finds it: from one before to some after.
    pub(super) fn reach(&self) -> RangeInclusive<usize> {
        self.first.saturating_sub(1)..=self.last.saturating_add(self.after)
    }

    /// From its beginning to the first alarm, when there is one.
    pub(super) fn delay_ms(&self, marks: &[Mark]) -> Option<i64> {
        let rows = self.first.saturating_sub(1)..=self.reach().end().to_owned().min(marks.len() - 1);
        let alarm = marks[rows].iter().find(|mark| mark.is_alarm == Some(true))?;
        Some(alarm.at_ms.saturating_sub(marks[self.first].at_ms).max(0))
    }
}

/// The events in their order.
pub(super) fn events(marks: &[Mark], pace: &Pace) -> Vec<Event> {
    let (join, after) = (pace.rows(JOIN_MS), pace.rows(AFTER_MS));
    let mut events: Vec<Event> = Vec::new();
    for (row, _) in marks.iter().enumerate().filter(|(_, mark)| mark.is_event) {
        match events.last_mut() {
            Some(event) if row - event.last <= join => event.last = row,
            _ => events.push(Event { first: row, last: row, after }),
        }
    }
    events
}
