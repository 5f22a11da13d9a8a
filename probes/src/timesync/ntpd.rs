//! ntpd, the classic one and NTPsec, through `ntpq`.

use super::{ANSWER_BYTES_MAX, DEADLINE, State, decimal, live_only};
use crate::child::{good_answer, program};
use crate::{Fault, Host};

const PROGRAM: &str = "ntpq";
const VARIABLES: &str = "rv 0 leap,stratum,refid,offset,rootdelay,rootdisp,reftime";
/// From the epoch of NTP, 1900, to that of Unix.
const EPOCH_SECONDS: f64 = 2_208_988_800.0;
/// NTP's seconds start again in 2036: what looks older than 1968 is of the next era.
const ERA_SECONDS: f64 = 4_294_967_296.0;
/// What ntpd says while it has no source (RFC 5905: unsynchronised).
const STRATUM_NONE: f64 = 16.0;
const LEAP_ALARM: [&str; 2] = ["11", "3"];

pub fn ask(host: &Host) -> Result<State, Fault> {
    live_only(host, PROGRAM)?;
    let mut command = program(PROGRAM);
    command.args(["-n", "-c", VARIABLES, "127.0.0.1"]);
    parse(&good_answer(command, DEADLINE, ANSWER_BYTES_MAX)?)
}

/// `leap=00, stratum=2,` over several lines; times in milliseconds.
fn parse(text: &str) -> Result<State, Fault> {
    let find = |name: &str| {
        let numbered =
            text.lines().zip(1..).flat_map(|(line, number)| line.split(',').map(move |part| (part, number)));
        let mut pairs = numbered.filter_map(|(part, line)| Some((part.trim().split_once('=')?, line)));
        pairs.find(|((own, _), _)| *own == name).map(|((_, value), line)| (value.trim(), line))
    };
    let number = |name| find(name).map(|(word, line)| decimal(PROGRAM, line, word)).transpose();
    let (leap, _) = find("leap").ok_or_else(|| Fault::malformed(PROGRAM, 1, text.trim(), "leap=NN"))?;
    let stratum = number("stratum")?.filter(|stratum| *stratum < STRATUM_NONE);
    let synchronised = !LEAP_ALARM.contains(&leap) && stratum.is_some();
    let seconds = |name| number(name).map(|ms| ms.filter(|_| synchronised).map(|ms| ms / 1000.0));
    let source = find("refid").map(|(word, _)| word.to_owned());
    Ok(State {
        source: source.filter(|source| !source.is_empty()),
        synchronised,
        stratum: stratum.filter(|_| synchronised),
        // ntpq says how far the source is ahead of this clock.
        ahead_seconds: seconds("offset")?.map(|offset| 0.0 - offset),
        root_delay_seconds: seconds("rootdelay")?,
        root_dispersion_seconds: seconds("rootdisp")?,
        updated_seconds: find("reftime").map(|(word, line)| timestamp(word, line)).transpose()?.flatten(),
    })
}

/// `eeabcaf5.c08fd597 2026-11-21T07:47:01.752Z`: seconds since 1900 and their fraction; zero is never.
fn timestamp(word: &str, line: usize) -> Result<Option<f64>, Fault> {
    let hexadecimal = word.split_whitespace().next().unwrap_or("").trim_start_matches("0x");
    let halves = hexadecimal.split_once('.').and_then(|(seconds, fraction)| {
        Some((u32::from_str_radix(seconds, 16).ok()?, u32::from_str_radix(fraction, 16).ok()?))
    });
    let (seconds, fraction) = halves.ok_or_else(|| Fault::malformed(PROGRAM, line, word, "an NTP time"))?;
    let since_1900 = f64::from(seconds) + f64::from(fraction) / ERA_SECONDS;
    let era = if seconds >> 31 == 0 { ERA_SECONDS } else { 0.0 };
    Ok((seconds != 0).then_some(since_1900 + era - EPOCH_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NTPsec 1.2.2 in its first minute.
    #[test]
    fn a_daemon_that_has_not_settled() {
        let text = "leap=11, stratum=6, rootdelay=0.0, rootdisp=7948.31, refid=127.127.1.0,\n\
                    reftime=eeabcaf5.c08fd597 2026-11-21T07:47:01.752Z, offset=0.0\n";
        let state = parse(text).unwrap();
        assert!(!state.synchronised);
        assert_eq!(state.source.as_deref(), Some("127.127.1.0"));
        assert_eq!((state.stratum, state.ahead_seconds, state.root_dispersion_seconds), (None, None, None));
        let updated = state.updated_seconds.unwrap();
        assert!((updated - 1_795_247_221.752).abs() < 0.001, "{updated}");
    }

    /// ntpd 4.2.8 writes the time in words behind the number.
    #[test]
    fn a_clock_that_follows_a_server() {
        let text = "leap=00, stratum=3, refid=192.0.2.7,\n\
                    offset=-0.250, rootdelay=11.5, rootdisp=22.25,\n\
                    reftime=eeabcaf5.80000000  Sat, Nov 21 2026  7:47:01.500\n";
        let expected = State {
            source: Some("192.0.2.7".to_owned()),
            synchronised: true,
            stratum: Some(3.0),
            ahead_seconds: Some(0.00025),
            root_delay_seconds: Some(0.0115),
            root_dispersion_seconds: Some(0.02225),
            updated_seconds: Some(1_795_247_221.5),
        };
        assert_eq!(parse(text).unwrap(), expected);
    }

    #[test]
    fn never_and_the_next_era() {
        assert_eq!(timestamp("00000000.00000000 2036-02-07T06:28:16.000Z", 1), Ok(None));
        assert_eq!(timestamp("00000001.00000000", 1), Ok(Some(2_085_978_497.0)));
        assert!(!parse("leap=00, stratum=16, refid=INIT").unwrap().synchronised);
    }

    #[test]
    fn other_words_are_faults() {
        for text in [
            "",
            "127.0.0.1: timed out, nothing received",
            "leap=00, stratum=two",
            "leap=00, stratum=2, offset=nan",
            "leap=00, stratum=2,\nreftime=noon",
            "leap=00, reftime=eeabcaf5",
        ] {
            assert_eq!(parse(text).unwrap_err().reason(), "malformed", "{text}");
        }
    }
}
