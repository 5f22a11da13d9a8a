//! The rule of a zone for all time to come: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX `TZ`, with RFC 9636's extensions).

use super::Zone;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The zone at `now` (Unix seconds) by `rule`; nothing when it is not one.
pub fn at(rule: &str, now: i64) -> Option<Zone> {
    let (name, rest) = name(rule)?;
    let (west, rest) = duration(rest)?;
    let standard = Zone { name, offset_seconds: i32::try_from(-west).ok()? };
    if rest.is_empty() {
        return Some(standard);
    }
    let (summer, rest) = summer(&standard, rest)?;
    let (start, rest) = change(rest)?;
    let (end, rest) = change(rest)?;
    let year = year_of((now - west).div_euclid(DAY));
    let start = start.in_year(year)? - i64::from(standard.offset_seconds);
    let end = end.in_year(year)? - i64::from(summer.offset_seconds);
    // In the south, summer is what lies outside end..start.
    let is_summer = if start < end { (start..end).contains(&now) } else { !(end..start).contains(&now) };
    rest.is_empty().then_some(if is_summer { summer } else { standard })
}

/// Name and offset of summer time; one hour ahead unless the rule says otherwise.
fn summer<'a>(standard: &Zone, rest: &'a str) -> Option<(Zone, &'a str)> {
    let (name, rest) = name(rest)?;
    if rest.starts_with(',') {
        return Some((Zone { name, offset_seconds: standard.offset_seconds + HOUR as i32 }, rest));
    }
    let (west, rest) = duration(rest)?;
    Some((Zone { name, offset_seconds: i32::try_from(-west).ok()? }, rest))
}

/// `CET`, or `<-03>` for a name that is not letters only.
fn name(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('<') {
        let (name, rest) = quoted.split_once('>')?;
        return Some((name.to_owned(), rest));
    }
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    (end >= 3).then(|| (text[..end].to_owned(), &text[end..]))
}

/// `[+-]hh[:mm[:ss]]` in seconds.
fn duration(text: &str) -> Option<(i64, &str)> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut seconds = 0;
    for unit in [HOUR, 60, 1] {
        let (count, after) = number(rest)?;
        seconds += count * unit;
        rest = after;
        match rest.strip_prefix(':') {
            Some(after) if unit > 1 => rest = after,
            _ => break,
        }
    }
    Some((sign * seconds, rest))
}

/// A number of at most three digits, which is all that a rule needs.
fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).take(3).count();
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// When the clocks change: a day of the year and the seconds into it.
struct Change {
    day: Day,
    seconds: i64,
}

enum Day {
    /// `M3.5.0`: month, week (5 is the last) and day of the week (0 is Sunday).
    Week { month: i64, week: i64, weekday: i64 },
    /// `J60`: 1 to 365, where 29 February is not counted.
    WithoutLeap(i64),
    /// `59`: 0 to 365, where it is.
    WithLeap(i64),
}

/// `,day[/time]`, at two in the morning unless the rule says otherwise.
fn change(text: &str) -> Option<(Change, &str)> {
    let (day, rest) = day(text.strip_prefix(',')?)?;
    let (seconds, rest) = match rest.strip_prefix('/') {
        Some(rest) => duration(rest)?,
        None => (2 * HOUR, rest),
    };
    Some((Change { day, seconds }, rest))
}

fn day(text: &str) -> Option<(Day, &str)> {
    if let Some(rest) = text.strip_prefix('J') {
        return number(rest).map(|(day, rest)| (Day::WithoutLeap(day), rest));
    }
    let Some(rest) = text.strip_prefix('M') else {
        return number(text).map(|(day, rest)| (Day::WithLeap(day), rest));
    };
    let (month, rest) = number(rest)?;
    let (week, rest) = number(rest.strip_prefix('.')?)?;
    let (weekday, rest) = number(rest.strip_prefix('.')?)?;
    let fits = (1..=12).contains(&month) && (1..=5).contains(&week) && weekday < 7;
    fits.then_some((Day::Week { month, week, weekday }, rest))
}

impl Change {
    /// The clock on the wall when it is changed, as seconds since 1970 without regard to the zone.
    fn in_year(&self, year: i64) -> Option<i64> {
        let first = days_to(year, 1);
        let is_leap = days_to(year + 1, 1) - first == 366;
        let day = match self.day {
            Day::WithLeap(day) => first + day,
            Day::WithoutLeap(day) => first + day - 1 + i64::from(is_leap && day >= 60),
            Day::Week { month, week, weekday } => nth_weekday(year, month, week, weekday),
        };
        Some(day.checked_mul(DAY)? + self.seconds)
    }
}

fn nth_weekday(year: i64, month: i64, week: i64, weekday: i64) -> i64 {
    let first = days_to(year, month);
    let next = if month == 12 { days_to(year + 1, 1) } else { days_to(year, month + 1) };
    // 1970-01-01 was a Thursday.
    let day = first + (weekday - (first + 4)).rem_euclid(7) + (week - 1) * 7;
    if day >= next { day - 7 } else { day }
}

/// Days from 1970-01-01 to the first of a month, counted in years that begin in March.
fn days_to(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 - 719_468
}

/// The year of a day: the estimate is at most one too early.
fn year_of(days: i64) -> i64 {
    let year = 1970 + days.saturating_mul(400).div_euclid(146_097) - 1;
    (year..year + 3).rev().find(|year| days_to(*year, 1) <= days).unwrap_or(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rule: &str, now: i64) -> String {
        at(rule, now).map_or("none".to_owned(), |zone| format!("{} {}", zone.name, zone.offset_seconds))
    }

    #[test]
    fn berlin_changes_at_one_o_clock_utc() {
        let berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
        let cases = [
            (1_774_745_999, "CET 3600"), // 2026-03-29T00:59:59Z
            (1_774_746_000, "CEST 7200"),
            (1_792_889_999, "CEST 7200"), // 2026-10-25T00:59:59Z
            (1_792_890_000, "CET 3600"),
        ];
        for (now, zone) in cases {
            assert_eq!(shown(berlin, now), zone, "{now}");
        }
    }

    #[test]
    fn southern_fractional_and_fixed_zones() {
        let january = 1_768_478_400; // 2026-01-15
        let july = 1_784_116_800; // 2026-07-15
        assert_eq!(shown("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", january), "+11 39600");
        assert_eq!(shown("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", july), "+1030 37800");
        assert_eq!(shown("NST3:30NDT,M3.2.0,M11.1.0", july), "NDT -9000");
        assert_eq!(shown("IST-1GMT0,M10.5.0,M3.5.0/1", january), "GMT 0");
        assert_eq!(shown("<-03>3", january), "-03 -10800");
        assert_eq!(shown("XXX3EDT4,0/0,J365/23", july), "EDT -14400");
    }

    #[test]
    fn days_of_the_year_count_the_leap_day_or_not() {
        let march_1 = 1_709_251_200; // 2024-03-01T00:00:00Z
        for rule in ["AAA0BBB,J60/0,J300", "AAA0BBB,60/0,300"] {
            assert_eq!(shown(rule, march_1 - 1), "AAA 0", "{rule}");
            assert_eq!(shown(rule, march_1), "BBB 3600", "{rule}");
        }
    }

    #[test]
    fn what_is_no_rule_gives_no_zone() {
        for rule in
            ["", "C", "CET", "CET-", "<CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.1.0,M1.1.0"]
        {
            assert_eq!(shown(rule, 0), "none", "{rule}");
        }
        assert_eq!(shown("CET-1CEST,M3.5.0,M10.5.0/3 ", 0), "none");
    }

    #[test]
    fn far_instants_do_not_overflow() {
        for now in [i64::MIN / 2, -62_135_596_800, 253_402_300_800, i64::MAX / 2] {
            at("CET-1CEST,M3.5.0,M10.5.0/3", now);
        }
    }
}
