//! What systemd says of itself and its units, through `systemctl`: one child for each question, no shell.

use crate::child::{good_answer, program};
use crate::{Fault, Host};
use std::time::Duration;

const WHAT: &str = "systemctl";
/// There while systemd is the init system: sd_booted(3).
pub const BOOTED: &str = "/run/systemd/system";
/// PID 1 answers at once or is in trouble; the probe's own deadline is longer.
const DEADLINE: Duration = Duration::from_secs(4);
/// For [`crate::Spec::deadline_ms`] of a probe that asks at most twice.
pub const DEADLINE_MS: u64 = 10_000;
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// Units that are looked at in one answer.
const UNITS_MAX: usize = 10_000;

/// Asks systemd. The time zone is fixed because the answer is read.
pub fn ask(host: &Host, args: &[&str]) -> Result<String, Fault> {
    if !host.is_live() || !host.path(BOOTED).exists() {
        return Err(Fault::Missing { what: "systemd".to_owned() });
    }
    let mut command = program(WHAT);
    command.arg("--no-pager").args(args).env("TZ", "UTC");
    good_answer(command, DEADLINE, ANSWER_BYTES_MAX)
}

/// The lines `Key=value` about one unit.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a>(&'a str);

/// The units of an answer, which a blank line parts.
pub fn units(answer: &str) -> impl Iterator<Item = Unit<'_>> {
    answer.split("\n\n").filter(|block| !block.trim().is_empty()).take(UNITS_MAX).map(Unit)
}

impl<'a> Unit<'a> {
    /// A property; empty when it is not there, as systemd says nothing with an empty value, too.
    pub fn text(self, key: &str) -> &'a str {
        let mut pairs = self.0.lines().filter_map(|line| line.split_once('='));
        pairs.find(|(name, _)| *name == key).map_or("", |(_, value)| value)
    }

    /// A property that is a number; systemd says `[not set]` and the like where there is none.
    pub fn count(self, key: &str) -> Option<u64> {
        self.text(key).parse().ok()
    }

    /// A property that is an instant, in seconds since the epoch.
    pub fn seconds(self, key: &str) -> Option<f64> {
        timestamp(self.text(key))
    }

    /// The name of the unit.
    pub fn id(self) -> &'a str {
        self.text("Id")
    }
}

/// `Sat 2026-11-21 08:14:48 UTC`; `n/a` or nothing when it never happened.
fn timestamp(text: &str) -> Option<f64> {
    let mut words = text.split(' ');
    let (_weekday, date, time, zone) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let fits = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    (zone == "UTC" && fits)
        .then(|| ((days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second) as f64)
}

/// Days from 1970-01-01; years begin in March, so that the leap day ends one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn instants_are_read() {
        let cases = [
            ("Sat 2026-11-21 04:16:07 UTC", Some(1_795_234_567.0)),
            ("Thu 1970-01-01 00:00:00 UTC", Some(0.0)),
            ("Tue 2000-02-29 00:00:00 UTC", Some(951_782_400.0)),
            ("Tue 2000-02-29 00:00:00 CET", None),
            ("n/a", None),
            ("", None),
            ("Sat 2026-13-21 04:16:07 UTC", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(timestamp(text), seconds, "{text}");
        }
    }

    #[test]
    fn units_are_parted_and_odd_values_are_absent() {
        let answer = "Id=a.service\nNRestarts=5\nType=simple\n\nNAccepted=[not set]\nId=b.socket\n";
        let seen: Vec<_> =
            units(answer).map(|unit| (unit.id(), unit.count("NRestarts"), unit.count("NAccepted"))).collect();
        assert_eq!(seen, [("a.service", Some(5), None), ("b.socket", None, None)]);
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(text in any::<String>(), when in r"[A-Z][a-z]{2} [0-9-]{0,24} [0-9:]{0,20} UTC") {
            units(&text).for_each(|unit| { let _ = (unit.id(), unit.count("x"), unit.seconds("Id")); });
            let _ = timestamp(&when);
        }
    }
}
