//! How well alarms find labelled events: recall, precision, delay, and what the false ones cost.
//!
//! Alarms are counted as a person would be called: those that follow one another are one alert, and an alert that goes on for
//! hours calls again. An alert is true when it begins inside an event or just around it; an event is found when any alarm lies there.

mod alerts;
mod events;

use crate::portrait::quantile;

/// One row of a labelled series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Whether it belongs to an event.
    pub is_event: bool,
    /// Whether it was called an anomaly; none where nothing could be said.
    pub is_alarm: Option<bool>,
}

/// What alarms were worth, of one series or of many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scorecard {
    /// Labelled events that end after the first row that was judged.
    pub events: usize,
    /// Alerts.
    pub alerts: usize,
    /// Alerts that begin in an event.
    pub true_alerts: usize,
    /// Of each event that was found, from its beginning to the first alarm; an early one has no delay.
    pub delays_ms: Vec<i64>,
    /// Days that were judged.
    pub days: f64,
}

impl Scorecard {
    /// Counts one series, whose rows are in their order.
    pub fn of(marks: &[Mark]) -> Scorecard {
        let first = marks.iter().position(|mark| mark.is_alarm.is_some()).unwrap_or(marks.len());
        let Some(pace) = Pace::of(marks) else { return Scorecard::default() };
        let events: Vec<_> =
            events::events(marks, &pace).into_iter().filter(|event| event.last >= first).collect();
        let alerts = alerts::begins(marks, &pace);
        let delays_ms = events.iter().filter_map(|event| event.delay_ms(marks)).collect();
        let is_true = |row: &&usize| events.iter().any(|event| event.reach().contains(*row));
        Scorecard {
            events: events.len(),
            alerts: alerts.len(),
            true_alerts: alerts.iter().filter(is_true).count(),
            delays_ms,
            days: (marks.len() - first) as f64 * pace.step_ms as f64 / hostward_model::time::DAY_MS as f64,
        }
    }

    /// Adds another series.
    pub fn add(&mut self, other: &Scorecard) {
        self.events += other.events;
        self.alerts += other.alerts;
        self.true_alerts += other.true_alerts;
        self.delays_ms.extend(&other.delays_ms);
        self.days += other.days;
    }

    /// Events that were found.
    pub fn found(&self) -> usize {
        self.delays_ms.len()
    }

    /// Share of the alerts that are true.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_alerts, self.alerts)
    }

    /// Share of the events that were found.
    pub fn recall(&self) -> Option<f64> {
        share(self.found(), self.events)
    }

    /// Harmonic mean of both; 0 when nothing was found.
    pub fn f1(&self) -> Option<f64> {
        let (precision, recall) = (self.precision().unwrap_or(0.0), self.recall()?);
        Some(if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 })
    }

    /// False alerts in a day.
    pub fn false_per_day(&self) -> Option<f64> {
        (self.days > 0.0).then(|| (self.alerts - self.true_alerts) as f64 / self.days)
    }

    /// The delay that half of the found events did not exceed.
    pub fn delay_ms(&self) -> Option<f64> {
        let mut delays: Vec<f64> = self.delays_ms.iter().map(|ms| *ms as f64).collect();
        delays.sort_by(f64::total_cmp);
        quantile(&delays, 0.5)
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Spans of time as numbers of rows of a series.
struct Pace {
    step_ms: i64,
}

impl Pace {
    /// By the median distance of two rows; none when time never passes.
    fn of(marks: &[Mark]) -> Option<Pace> {
        let mut steps: Vec<i64> = marks
            .windows(2)
            .map(|two| two[1].at_ms.saturating_sub(two[0].at_ms))
            .filter(|step| *step > 0)
            .collect();
        let middle = steps.len() / 2;
        let step_ms = (!steps.is_empty()).then(|| *steps.select_nth_unstable(middle).1)?;
        Some(Pace { step_ms })
    }

    /// Rows in so many milliseconds, at least three.
    fn rows(&self, span_ms: i64) -> usize {
        usize::try_from(span_ms.saturating_add(self.step_ms / 2) / self.step_ms).unwrap_or(usize::MAX).max(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A drawn line, one character a minute: `_` nothing, `e` an event, `!` an alarm, `E` both, `.` not judged, `o` an event not judged.
    fn drawn(line: &str) -> Scorecard {
        let mark = |(minute, drawn): (usize, char)| Mark {
            at_ms: minute as i64 * 60_000,
            is_event: "eEo".contains(drawn),
            is_alarm: (!".o".contains(drawn)).then_some("!E".contains(drawn)),
        };
        Scorecard::of(&line.chars().enumerate().map(mark).collect::<Vec<_>>())
    }

    #[test]
    fn events_are_found_with_a_delay() {
        let card = drawn("..____eeEEe______________________________eee_______________");
        assert_eq!((card.events, card.found(), card.alerts, card.true_alerts), (2, 1, 1, 1));
        assert_eq!(
            (card.recall(), card.precision(), card.delay_ms()),
            (Some(0.5), Some(1.0), Some(120_000.0))
        );
        assert!((card.f1().unwrap() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn alarms_that_follow_one_another_are_one_alert() {
        let quiet = "_".repeat(40);
        let card = drawn(&format!("!___!___!{quiet}!!{quiet}"));
        assert_eq!((card.alerts, card.true_alerts, card.precision(), card.f1()), (2, 0, Some(0.0), None));
        let all_day = drawn(&"!".repeat(24 * 60));
        assert_eq!((all_day.alerts, all_day.false_per_day()), (6, Some(6.0)));
    }

    #[test]
    fn shortly_before_and_after_counts() {
        assert_eq!(drawn("_____!eee_____").true_alerts, 1);
        assert_eq!(drawn("____!_eee_____").true_alerts, 0);
        assert_eq!(drawn("______eee_________!").true_alerts, 1);
        assert_eq!(drawn("______eee__________!").true_alerts, 0);
    }

    #[test]
    fn what_ends_before_anything_is_judged_is_no_event() {
        assert_eq!(
            (drawn("..ooo......______").events, drawn("..oooee______").events, drawn("").events),
            (0, 1, 0)
        );
    }

    #[test]
    fn series_add_up() {
        let mut card = drawn("____eeE_________");
        card.add(&drawn("____eee_________"));
        assert_eq!((card.events, card.found(), card.alerts, card.recall()), (2, 1, 1, Some(0.5)));
    }
}
