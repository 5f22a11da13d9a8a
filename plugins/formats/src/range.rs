//! Ranges of values that are worth an alert, in the three spellings of plugins.

use crate::number::decimal;
use crate::unit::Unit;
use std::fmt;

/// A range, and on which side of it a value alerts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Smallest value inside; minus infinity if there is none.
    pub start: f64,
    /// Largest value inside; infinity if there is none.
    pub end: f64,
    /// Whether values inside alert, rather than those outside.
    pub inside: bool,
    /// Whether the end alerts as well when what is outside does. Checkmk counts so, the others do not.
    pub end_alerts: bool,
}

impl Range {
    fn outside(start: f64, end: f64) -> Option<Range> {
        (start <= end).then_some(Range { start, end, inside: false, end_alerts: false })
    }

    /// `10`, `10:`, `~:10`, `10:20` and `@10:20`, as the guidelines of the Monitoring Plugins have them.
    pub fn nagios(text: &str) -> Option<Range> {
        let (inside, text) = text.strip_prefix('@').map_or((false, text), |rest| (true, rest));
        let (start, end) = match text.split_once(':') {
            None => (0.0, decimal(text)?),
            Some((start, end)) => {
                let start = match start {
                    "" => 0.0,
                    "~" => f64::NEG_INFINITY,
                    number => decimal(number)?,
                };
                (start, if end.is_empty() { f64::INFINITY } else { decimal(end)? })
            }
        };
        Range::outside(start, end).map(|range| Range { inside, ..range })
    }

    /// `max`, `min:`, `:max` and `min:max`, as Munin has them.
    pub fn munin(text: &str) -> Option<Range> {
        let (start, end) = text.split_once(':').unwrap_or(("", text));
        Range::outside(bound(start, f64::NEG_INFINITY)?, bound(end, f64::INFINITY)?)
    }

    /// `upper` and `lower:upper`, as Checkmk has them: a value alerts below the lower and from the upper on.
    pub fn checkmk(text: &str) -> Option<Range> {
        Range::munin(text).map(|range| Range { end_alerts: true, ..range })
    }

    /// The same range in another unit.
    pub(crate) fn in_unit(self, unit: Unit) -> Range {
        Range { start: unit.base(self.start), end: unit.base(self.end), ..self }
    }

    /// Whether a value is worth an alert.
    pub fn alerts(self, value: f64) -> bool {
        match self.inside {
            true => self.start <= value && value <= self.end,
            false => value < self.start || value > self.end || (self.end_alerts && value == self.end),
        }
    }
}

/// A bound of a range, or `missing` when it is empty.
fn bound(text: &str, missing: f64) -> Option<f64> {
    if text.is_empty() { Some(missing) } else { decimal(text) }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = hostward_model::number::to_string;
        let (start, end) = (number(self.start), number(self.end));
        let above = if self.end_alerts { format!("from {end} on") } else { format!("above {end}") };
        match (self.inside, self.start.is_finite(), self.end.is_finite()) {
            (true, ..) => write!(f, "from {start} to {end}"),
            (false, true, true) => write!(f, "below {start} or {above}"),
            (false, true, false) => write!(f, "below {start}"),
            (false, false, true) => f.write_str(&above),
            (false, false, false) => f.write_str("nowhere"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The range in words, and which of -1, 0, 10, 15, 20 and 21 alert.
    fn check(range: Option<Range>, words: &str, alerts: &[f64]) {
        let range = range.unwrap();
        let told: Vec<f64> =
            [-1.0, 0.0, 10.0, 15.0, 20.0, 21.0].into_iter().filter(|value| range.alerts(*value)).collect();
        assert_eq!((range.to_string().as_str(), told.as_slice()), (words, alerts));
    }

    #[test]
    fn nagios_alerts_outside_and_with_an_at_sign_inside() {
        check(Range::nagios("10"), "below 0 or above 10", &[-1.0, 15.0, 20.0, 21.0]);
        check(Range::nagios("10:"), "below 10", &[-1.0, 0.0]);
        check(Range::nagios("~:10"), "above 10", &[15.0, 20.0, 21.0]);
        check(Range::nagios("10:20"), "below 10 or above 20", &[-1.0, 0.0, 21.0]);
        check(Range::nagios("@10:20"), "from 10 to 20", &[10.0, 15.0, 20.0]);
        check(Range::nagios(":10"), "below 0 or above 10", &[-1.0, 15.0, 20.0, 21.0]);
        for text in ["", "a", "20:10", "@", "1:2:3", "~", "inf:", "1,5"] {
            assert_eq!(Range::nagios(text), None, "{text}");
        }
    }

    #[test]
    fn munin_has_no_smallest_value_unless_it_says_one() {
        check(Range::munin("10"), "above 10", &[15.0, 20.0, 21.0]);
        check(Range::munin("0:0"), "below 0 or above 0", &[-1.0, 10.0, 15.0, 20.0, 21.0]);
        check(Range::munin("10:"), "below 10", &[-1.0, 0.0]);
    }

    #[test]
    fn checkmk_alerts_at_the_upper_level_itself() {
        check(Range::checkmk("10:20"), "below 10 or from 20 on", &[-1.0, 0.0, 20.0, 21.0]);
        check(Range::checkmk("10"), "from 10 on", &[10.0, 15.0, 20.0, 21.0]);
    }
}
