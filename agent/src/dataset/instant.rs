//! Times as files write them.

use hostward_model::time::{DAY_MS, days};

/// Numbers from here on are milliseconds; as seconds it would be the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;
/// Numbers from here on are microseconds.
const MICROSECONDS_FROM: f64 = 1e14;
/// Numbers from here on are nanoseconds.
const NANOSECONDS_FROM: f64 = 1e17;
/// Larger numbers are no time at all.
const NUMBER_MAX: f64 = 1e20;

/// Milliseconds since the epoch: of a number of seconds (or, by its size, of milliseconds, micro- or nanoseconds), or of a date
/// and time by ISO 8601. A time without a zone is in UTC.
pub fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(number) => epoch(number),
        Err(_) => civil(text.as_bytes()),
    }
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

/// `2014-04-01`, `2014-04-01 00:05`, `2014-04-01T00:05:00.250+02:00` and what lies between.
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

fn day(rest: &mut &[u8]) -> Option<i64> {
    let year = digits(rest, 4)?;
    expect(rest, b'-')?;
    let month = digits(rest, 2)?;
    expect(rest, b'-')?;
    days(year, month, digits(rest, 2)?)
}

/// Hours and minutes, and perhaps seconds with a fraction. A leap second is the second after.
fn clock(rest: &mut &[u8]) -> Option<i64> {
    let hour = digits(rest, 2)?;
    expect(rest, b':')?;
    let minute = digits(rest, 2)?;
    let (second, ms) =
        if expect(rest, b':').is_some() { (digits(rest, 2)?, fraction_ms(rest)?) } else { (0, 0) };
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
    use super::instant;

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
    fn other_dates_are_refused() {
        for text in [
            "",
            "yesterday",
            "01/04/2014",
            "2014-13-01",
            "2014-02-29",
            "2014-04-01x",
            "2014-04-01 24:00",
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
