//! Time as it is told to those who may not look at a clock.

/// One instant on both clocks of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Now {
    /// Milliseconds since the Unix epoch; jumps when somebody sets the clock.
    pub wall_ms: i64,
    /// Milliseconds on a clock that only goes forward; its zero means nothing.
    pub mono_ms: u64,
}

impl Now {
    /// Pairs both readings.
    pub fn new(wall_ms: i64, mono_ms: u64) -> Self {
        Now { wall_ms, mono_ms }
    }
}

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// `2026-11-21T04:10:00Z` (RFC 3339, UTC, whole seconds).
pub fn rfc3339(wall_ms: i64) -> String {
    let (year, month, day) = civil(wall_ms.div_euclid(DAY_MS));
    let second = wall_ms.rem_euclid(DAY_MS) / 1000;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// `20261121T041000Z`: the same instant, fit for a file name.
pub fn stamp(wall_ms: i64) -> String {
    rfc3339(wall_ms).replace(['-', ':'], "")
}

/// Days since 1970-01-01 to year, month and day of the Gregorian calendar.
///
/// Counts 400-year eras from 0000-03-01, so that the leap day ends a year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day - (153 * shifted + 2) / 5 + 1)
}

/// Year, month and day of the Gregorian calendar to days since 1970-01-01; none for a day that no month has.
pub fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let shifted = year - i64::from(month <= 2);
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (civil(days) == (year, month, day)).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_they_are_spelt() {
        for day in (-800_000..800_000).step_by(17) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), Some(day));
        }
        assert_eq!([days(2023, 2, 29), days(2024, 13, 1), days(2024, 4, 31), days(2024, 1, 0)], [None; 4]);
    }

    #[test]
    fn instants_are_spelt() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_399_000), "2000-02-28T23:59:59Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_795_234_567_891), "2026-11-21T04:16:07Z");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59Z");
        assert_eq!(stamp(0), "19700101T000000Z");
    }
}
