//! When a silence holds: once, or again and again by the clock on the wall of some place.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A minute of the day.
type Minute = u16;
/// Minutes of a day, for `24:00`.
const DAY: Minute = 24 * 60;

/// When a silence holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// From then until then, wall clock.
    Once {
        /// First instant.
        from_ms: i64,
        /// First instant after it.
        until_ms: i64,
    },
    /// On some days of the week from one time of day to another, which is of the next day unless it is later.
    Weekly {
        /// The days on which it begins.
        days: Vec<Day>,
        /// Minute of the day.
        from: Minute,
        /// Minute of the day, not included.
        to: Minute,
        /// IANA name of the time zone.
        zone: String,
        /// When it ends for good, wall clock; without it somebody has to end it.
        until_ms: Option<i64>,
    },
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    const ALL: [(Day, &'static str); 7] = [
        (Day::Mon, "mon"),
        (Day::Tue, "tue"),
        (Day::Wed, "wed"),
        (Day::Thu, "thu"),
        (Day::Fri, "fri"),
        (Day::Sat, "sat"),
        (Day::Sun, "sun"),
    ];

    fn of(weekday: Weekday) -> Self {
        Day::ALL[weekday.to_monday_zero_offset().rem_euclid(7) as usize].0
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Day::ALL.into_iter().find(|(_, name)| *name == text);
        found
            .map(|(day, _)| day)
            .ok_or_else(|| format!("{text:?} is no day; the days are mon tue wed thu fri sat sun"))
    }
}

impl Window {
    /// Whether it holds at an instant. A time zone that this host does not know any more holds never: to tell once too
    /// often is the smaller harm.
    pub fn is_open(&self, at_ms: i64) -> bool {
        match self {
            Window::Once { from_ms, until_ms } => (*from_ms..*until_ms).contains(&at_ms),
            Window::Weekly { until_ms: Some(until_ms), .. } if *until_ms <= at_ms => false,
            Window::Weekly { days, from, to, zone, .. } => {
                local(zone, at_ms).is_some_and(|(day, minute)| is_within(days, *from, *to, day, minute))
            }
        }
    }

    /// After when it never holds again.
    pub fn end_ms(&self) -> Option<i64> {
        match self {
            Window::Once { until_ms, .. } => Some(*until_ms),
            Window::Weekly { until_ms, .. } => *until_ms,
        }
    }
}

/// Day and minute on the wall clock of a zone.
fn local(zone: &str, at_ms: i64) -> Option<(Weekday, Minute)> {
    let at = Timestamp::from_millisecond(at_ms).ok()?.to_zoned(TimeZone::get(zone).ok()?);
    let minute = i32::from(at.hour()) * 60 + i32::from(at.minute());
    Some((at.weekday(), minute as Minute))
}

fn is_within(days: &[Day], from: Minute, to: Minute, weekday: Weekday, minute: Minute) -> bool {
    let begun_today = days.contains(&Day::of(weekday)) && minute >= from;
    if from < to {
        return begun_today && minute < to;
    }
    begun_today || (days.contains(&Day::of(weekday.previous())) && minute < to)
}

/// Reads `22:00-06:00`.
pub fn times(text: &str) -> Result<(u16, u16), String> {
    let refused = || format!("{text:?} is not a time of day from and to, such as 22:00-06:00");
    let (from, to) = text.split_once('-').ok_or_else(refused)?;
    let minute = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let number = |text: &str| (text.len() == 2).then(|| text.parse::<u16>().ok()).flatten();
        let (hour, minute) = (number(hour)?, number(minute)?);
        let at = hour * 60 + minute;
        (minute < 60 && at <= DAY).then_some(at)
    };
    let (from, to) = minute(from).zip(minute(to)).ok_or_else(refused)?;
    Some((from, to)).filter(|_| from < DAY).ok_or_else(refused)
}

/// Reads `mon-fri,sun`.
pub fn days(text: &str) -> Result<Vec<Day>, String> {
    let mut days = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut at, last) = (first.parse::<Day>()? as usize, last.parse::<Day>()? as usize);
        loop {
            let day = Day::ALL[at].0;
            if !days.contains(&day) {
                days.push(day);
            }
            if at == last {
                break;
            }
            at = (at + 1) % Day::ALL.len();
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn weekly(days: &str, times: &str, zone: &str) -> Window {
        let (from, to) = super::times(times).unwrap();
        Window::Weekly { days: super::days(days).unwrap(), from, to, zone: zone.to_owned(), until_ms: None }
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let night = weekly("fri", "22:00-06:00", "UTC");
        // 20 November 2026 is a Friday.
        for (at, open) in [
            ("2026-11-20T21:59:59Z", false),
            ("2026-11-20T22:00:00Z", true),
            ("2026-11-21T05:59:59Z", true),
            ("2026-11-21T06:00:00Z", false),
            ("2026-11-20T05:00:00Z", false),
            ("2026-11-21T23:00:00Z", false),
        ] {
            assert_eq!(night.is_open(ms(at)), open, "{at}");
        }
    }

    #[test]
    fn the_clock_is_that_of_the_zone_summer_and_winter() {
        let window = weekly("mon-sun", "09:00-10:00", "Europe/Berlin");
        for (at, open) in [
            ("2026-01-10T08:30:00Z", true),
            ("2026-01-10T07:30:00Z", false),
            ("2026-07-10T07:30:00Z", true),
            ("2026-07-10T08:30:00Z", false),
        ] {
            assert_eq!(window.is_open(ms(at)), open, "{at}");
        }
        // On 29 March 2026 there is no 02:30 in Berlin, and on 25 October there are two.
        let hole = weekly("sun", "02:00-03:00", "Europe/Berlin");
        let minutes = |from: &str| (0..180).filter(|minute| hole.is_open(ms(from) + minute * 60_000)).count();
        assert_eq!((minutes("2026-03-29T00:00:00Z"), minutes("2026-10-24T23:30:00Z")), (0, 120));
    }

    #[test]
    fn a_zone_that_is_gone_silences_nothing() {
        assert!(!weekly("mon-sun", "00:00-24:00", "Mars/Olympus").is_open(ms("2026-11-20T12:00:00Z")));
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(times("00:00-24:00"), Ok((0, 1440)));
        for text in ["", "22-06", "25:00-06:00", "24:00-06:00", "22:60-23:00", "9:00-10:00", "22:00"] {
            assert!(times(text).is_err(), "{text}");
        }
        assert_eq!(days("sat-mon,wed").unwrap(), [Day::Sat, Day::Sun, Day::Mon, Day::Wed]);
        assert!(days("someday").is_err() && days("").is_err());
    }

    proptest! {
        /// A window and the one that begins where it ends share the day between them.
        #[test]
        fn two_halves_make_a_whole(a in 0u16..1440, b in 0u16..1440, minute in 0i64..10_080) {
            prop_assume!(a != b);
            let all = days("mon-sun").unwrap();
            let half = |from, to| Window::Weekly { days: all.clone(), from, to, zone: "UTC".into(), until_ms: None };
            let at_ms = ms("2026-11-16T00:00:00Z") + minute * 60_000;
            prop_assert!(half(a, b).is_open(at_ms) != half(b, a).is_open(at_ms));
        }
    }
}
