//! The parts of a date, in UTC; without an argument, of the time of evaluation.

use super::{Function, Run, VECTOR};
use crate::promql::error::EvalError;
use crate::promql::eval::Context;
use crate::promql::node::Call;
use crate::promql::value::{Element, Vector};
use std::sync::Arc;

/// The family.
pub const FUNCTIONS: &[Function] = &[
    part("year", |c, n| parts(c, n, |date| date.year)),
    part("month", |c, n| parts(c, n, |date| date.month)),
    part("day_of_month", |c, n| parts(c, n, |date| date.day)),
    part("day_of_week", |c, n| parts(c, n, |date| (date.days + 4).rem_euclid(7))),
    part("day_of_year", |c, n| parts(c, n, |date| date.days - days(date.year, 1, 1) + 1)),
    part("days_in_month", |c, n| parts(c, n, |date| days_in_month(date.year, date.month))),
    part("hour", |c, n| parts(c, n, |date| date.second / 3600)),
    part("minute", |c, n| parts(c, n, |date| date.second / 60 % 60)),
];

const fn part(name: &'static str, run: fn(&Context<'_>, &Call) -> Result<Vector, EvalError>) -> Function {
    Function::vector(name, VECTOR, Run::Vector(run)).with_optional(1)
}

fn parts(context: &Context<'_>, call: &Call, of: fn(&Date) -> i64) -> Result<Vector, EvalError> {
    let now = || vec![Element::new(Arc::default(), context.at_ms as f64 / 1000.0)];
    let times = call.arguments.first().map_or_else(|| Ok(now()), |argument| context.vector(argument))?;
    let part = |seconds: f64| if seconds.is_nan() { f64::NAN } else { of(&Date::new(seconds as i64)) as f64 };
    let one = |element: Element| {
        let value = part(element.value);
        element.computed(value)
    };
    Ok(times.into_iter().map(one).collect())
}

/// A second of the Gregorian calendar.
struct Date {
    /// Since 1970-01-01.
    days: i64,
    year: i64,
    month: i64,
    day: i64,
    /// Of the day.
    second: i64,
}

impl Date {
    fn new(seconds: i64) -> Self {
        let days = seconds.div_euclid(86_400);
        let (year, month, day) = civil(days);
        Date { days, year, month, day, second: seconds.rem_euclid(86_400) }
    }
}

/// Year, month and day of a day: years are counted from March, so that the leap day comes last.
pub fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (march_year, day) = (year + era * 400, day - (153 * month + 2) / 5 + 1);
    if month < 10 { (march_year, month + 3, day) } else { (march_year + 1, month - 9, day) }
}

/// The day on which a date falls.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
    next - days(year, month, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for day in (-800_000..800_000).step_by(97) {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
        }
        assert_eq!(civil(days(2024, 2, 29)), (2024, 2, 29));
        assert_eq!([days_in_month(2024, 2), days_in_month(1900, 2), days_in_month(2023, 12)], [29, 28, 31]);
    }
}
