//! Times as files write them.

use hostward_model::time::{DAY_MS, days};
use std::ops::RangeInclusive;

/// Numbers from here on are milliseconds; as seconds it would be the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;
/// Numbers from here on are microseconds.
const MICROSECONDS_FROM: f64 = 1e14;
/// Numbers from here on are nanoseconds.
const NANOSECONDS_FROM: f64 = 1e17;
/// Larger numbers are no time at all.
const NUMBER_MAX: f64 = 1e20;

/// Years of dates that are written without anything between; other digits are numbers.
const YEARS: RangeInclusive<i64> = 1990..=2100;

/// Reads the times of one file. `20140401` is a date and a number of seconds; the first time of the file says which.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    has_dates: Option<bool>,
}

impl Times {
    /// Milliseconds since the epoch; an error says what was there instead.
    pub fn read(&mut self, text: &str) -> Result<i64, String> {
        let text = text.trim();
        let Ok(number) = text.parse::<f64>() else {
            return civil(text.as_bytes()).ok_or_else(|| no_time(text));
        };
        let date = bare(text.as_bytes());
        if self.has_dates.unwrap_or(date.is_some()) {
            self.has_dates = Some(true);
            return date.ok_or_else(|| format!("{text:?} is no date, as the rows before it have"));
        }
        let at_ms = epoch(number).ok_or_else(|| no_time(text))?;
        self.has_dates = Some(false);
        Ok(at_ms)
    }
}

fn no_time(text: &str) -> String {
    format!("{text:?} is not a time; a time is 1396310400, 2014-04-01 00:00:00 or 2014-04-01T00:00:00Z")
}

/// Milliseconds since the epoch: of a number of seconds (or, by its size, of milliseconds, micro- or nanoseconds), or of a date
/// and time by ISO 8601. A time without a zone is in UTC.
pub fn instant(text: &str) -> Option<i64> {
    Times::default().read(text).ok()
}

/// Milliseconds since the epoch of a date and time by ISO 8601.
pub fn date(text: &str) -> Option<i64> {
    civil(text.trim().as_bytes())
}

fn epoch(number: f64) -> Option<i64> {
    let size = number.abs();
    let ms = match size {
        _ if size >= NANOSECONDS_FROM => number / 1e6,
        _ if size >= MICROSECONDS_FROM => number / 1e3,
        _ if size >= MILLISECONDS_FROM => number,
        _ => number * 1e3,
    };
    (size <= NUMBER_MAX).then(|| ms.round() as i64)
}

/// `20140401`, `201404010005` and `20140401000500`, perhaps with a fraction of the last second.
fn bare(text: &[u8]) -> Option<i64> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_whole = matches!(count, 8 | 12) && text.len() == count || count == 14;
    if !is_whole || !YEARS.contains(&digits(&mut &text[..4], 4)?) {
        return None;
    }
    let mut rest = text;
    let day = day(&mut rest)?;
    let clock_ms = if rest.is_empty() { 0 } else { clock(&mut rest)? };
    rest.is_empty().then_some(day * DAY_MS + clock_ms)
}

/// `2014-04-01`, `2014-04-01 00:05`, `20140401T000500Z`, `2014-04-01T00:05:00.250+02:00` and what lies between.
fn civil(text: &[u8]) -> Option<i64> {
    let mut rest = text;
    let day = day(&mut rest)?;
    if rest.is_empty() {
        return Some(day * DAY_MS);
    }
    if !matches!(take(&mut rest)?, b'T' | b't' | b' ') {
        return None;
    }
    let clock_ms = clock(&mut rest)?;
    let zone_ms = zone(rest.trim_ascii_start())?;
    Some(day * DAY_MS + clock_ms - zone_ms)
}

/// With hyphens or without.
fn day(rest: &mut &[u8]) -> Option<i64> {
    let year = digits(rest, 4)?;
    let is_parted = expect(rest, b'-').is_some();
    let month = digits(rest, 2)?;
    if is_parted {
        expect(rest, b'-')?;
    }
    days(year, month, digits(rest, 2)?)
}

/// Hours and minutes, and perhaps seconds with a fraction, with colons or without. A leap second is the second after.
fn clock(rest: &mut &[u8]) -> Option<i64> {
    let hour = digits(rest, 2)?;
    let is_parted = expect(rest, b':').is_some();
    let minute = digits(rest, 2)?;
    let has_seconds =
        if is_parted { expect(rest, b':').is_some() } else { rest.first().is_some_and(u8::is_ascii_digit) };
    let (second, ms) = if has_seconds { (digits(rest, 2)?, fraction_ms(rest)?) } else { (0, 0) };
    let sound = hour < 24 && minute < 60 && second <= 60;
    sound.then_some(((hour * 60 + minute) * 60 + second) * 1000 + ms)
}

/// Nothing, or a point or comma and digits, of which the first three count.
fn fraction_ms(rest: &mut &[u8]) -> Option<i64> {
    if !matches!(rest.first(), Some(b'.' | b',')) {
        return Some(0);
    }
    *rest = &rest[1..];
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digit = |at: usize| if at < count { i64::from(rest[at] - b'0') } else { 0 };
    let ms = digit(0) * 100 + digit(1) * 10 + digit(2);
    *rest = &rest[count..];
    (count > 0).then_some(ms)
}

/// Nothing, `Z`, `UTC`, `GMT`, `+02:00`, `+0200` or `+02`.
fn zone(text: &[u8]) -> Option<i64> {
    if matches!(text, b"" | b"Z" | b"z" | b"UTC" | b"GMT") {
        return Some(0);
    }
    let mut rest = text;
    let sign = match take(&mut rest)? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = digits(&mut rest, 2)?;
    let _ = expect(&mut rest, b':');
    let minutes = if rest.is_empty() { 0 } else { digits(&mut rest, 2)? };
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (head, tail) = rest.split_at_checked(count)?;
    let add = |sum: i64, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'));
    let number = head.iter().try_fold(0, add)?;
    *rest = tail;
    Some(number)
}

fn take(rest: &mut &[u8]) -> Option<u8> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    Some(*first)
}

fn expect(rest: &mut &[u8], byte: u8) -> Option<()> {
    *rest = rest.strip_prefix(&[byte])?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{Times, instant};

    #[test]
    fn numbers_are_seconds_unless_they_are_too_large_for_it() {
        let ms = 1_396_310_400_250;
        for text in
            ["1396310400.25", "1396310400250", "1396310400250000", "1396310400250000000", "1.39631040025e9"]
        {
            assert_eq!(instant(text), Some(ms), "{text}");
        }
        assert_eq!((instant("0"), instant(" 60 "), instant("-1")), (Some(0), Some(60_000), Some(-1000)));
        for text in ["nan", "inf", "1e21", "-1e300"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_in_utc_unless_they_say_otherwise() {
        let midnight = 1_396_310_400_000;
        for text in [
            "2014-04-01",
            "2014-04-01 00:00",
            "2014-04-01T00:00:00",
            "2014-04-01 00:00:00.000",
            "2014-04-01T00:00Z",
            "20140401T000000Z",
            "20140401T0200+0200",
            "20140401 00:00:00",
        ] {
            assert_eq!(instant(text), Some(midnight), "{text}");
        }
        for text in [
            "2014-04-01T02:00:00+02:00",
            "2014-04-01 02:00:00 +0200",
            "2014-03-31T23:00-01",
            "2014-04-01 00:00:00 UTC",
        ] {
            assert_eq!(instant(text), Some(midnight), "{text}");
        }
        assert_eq!(instant("2014-04-01T00:00:00.1239Z"), Some(midnight + 123));
        assert_eq!(instant("2014-04-01T00:00:00,5"), Some(midnight + 500));
        assert_eq!(instant("2016-12-31T23:59:60Z"), instant("2017-01-01"));
    }

    #[test]
    fn digits_that_form_a_date_of_our_time_are_one() {
        let midnight = 1_396_310_400_000;
        for text in ["20140401", "201404010000", "20140401000000", " 20140401000000.000 "] {
            assert_eq!(instant(text), Some(midnight), "{text}");
        }
        assert_eq!(instant("20140401123456.5"), Some(midnight + 45_296_500));
        for (text, ms) in [
            ("20140432", 20_140_432_000),
            ("19891231", 19_891_231_000),
            ("21010101", 21_010_101_000),
            ("20140401.5", 20_140_401_500),
            ("20140401246000", 20_140_401_246_000),
            ("2014040", 2_014_040_000),
            ("1396310400", midnight),
        ] {
            assert_eq!(instant(text), Some(ms), "{text}");
        }
    }

    #[test]
    fn the_first_time_of_a_file_says_what_digits_are() {
        let mut seconds = Times::default();
        assert_eq!(["x", "nan"].map(|text| seconds.read(text).is_err()), [true, true]);
        assert_eq!(
            ["20140400", "20140401"].map(|text| seconds.read(text)),
            [Ok(20_140_400_000), Ok(20_140_401_000)]
        );
        let mut dates = Times::default();
        assert_eq!(dates.read("20140401"), Ok(1_396_310_400_000));
        let error = dates.read("20140432").unwrap_err();
        assert!(error.contains("20140432") && error.contains("no date"), "{error}");
        assert_eq!(dates.read("2014-04-02"), Ok(1_396_396_800_000));
    }

    #[test]
    fn other_dates_are_refused() {
        for text in [
            "",
            "yesterday",
            "01/04/2014",
            "2014-13-01",
            "2014-02-29",
            "2014-04-01x",
            "2014-04-01 24:00",
            "2014-0401",
            "20140401T10",
            "20140401-1000",
            "2014-04-01 00:0000",
            "2014-04-0112:00",
            "2014-4-1",
            "2014-04-01 00:00:61",
            "2014-04-01 00:00:00.",
            "2014-04-01 00:00 CET",
            "2014-04-01T00:00+2",
            "2014-04-01 00:00+25:00",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
