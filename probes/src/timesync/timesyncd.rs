//! systemd-timesyncd: the file that it touches, and what `timedatectl` asks of it over the bus.

use super::{ANSWER_BYTES_MAX, DEADLINE, State};
use crate::child::{good_answer, program};
use crate::{Fault, Host};
use std::time::UNIX_EPOCH;

const PROGRAM: &str = "timedatectl";
/// Touched whenever the clock was set after a server; gone after a boot.
pub const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// What `Leap=` says of a server that does not know the time (RFC 5905).
const LEAP_UNKNOWN: &str = "3";

/// The file alone says whether and when; the rest is only known to a live daemon.
pub fn ask(host: &Host) -> Result<State, Fault> {
    let updated_seconds = touched(host)?;
    let mut state = State::default();
    if host.is_live() {
        let mut command = program(PROGRAM);
        command.arg("show-timesync");
        state = parse(&good_answer(command, DEADLINE, ANSWER_BYTES_MAX)?)?;
    } else {
        state.synchronised = true;
    }
    state.synchronised &= updated_seconds.is_some();
    Ok(State { updated_seconds, ..state })
}

fn touched(host: &Host) -> Result<Option<f64>, Fault> {
    match std::fs::metadata(host.path(SYNCHRONISED)).and_then(|file| file.modified()) {
        Ok(time) => Ok(time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::io(SYNCHRONISED, &error)),
    }
}

/// `Name=value` lines; the last message of the server is one of them, `{ Leap=0, Stratum=2, … }`. The offset is
/// not told: the four times of the message are in whole seconds.
fn parse(text: &str) -> Result<State, Fault> {
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let message = line("NTPMessage").unwrap_or("");
    let field = |name: &str| {
        let mut fields = message.trim_matches(['{', '}', ' ']).split(',');
        fields.find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let known = |word: &&str| !word.is_empty();
    let source = line("ServerName").filter(known).or(line("ServerAddress").filter(known));
    let span =
        |name| field(name).map(|word| seconds(word).ok_or_else(|| fault(word, "a time span"))).transpose();
    let stratum = |word: &str| word.parse::<u8>().map(f64::from).map_err(|_| fault(word, "a stratum"));
    Ok(State {
        source: source.map(str::to_owned),
        synchronised: field("Leap").is_some_and(|leap| leap != LEAP_UNKNOWN),
        stratum: field("Stratum").map(stratum).transpose()?,
        ahead_seconds: None,
        root_delay_seconds: span("RootDelay")?,
        root_dispersion_seconds: span("RootDispersion")?,
        updated_seconds: None,
    })
}

fn fault(word: &str, expected: &'static str) -> Fault {
    Fault::malformed(PROGRAM, 1, word, expected)
}

/// `1min 2.5s`, `30.822ms`, `0`: systemd.time(7).
fn seconds(span: &str) -> Option<f64> {
    if span.trim().is_empty() { None } else { span.split_whitespace().map(part_seconds).sum() }
}

fn part_seconds(part: &str) -> Option<f64> {
    let end = part.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(part.len());
    let (number, unit) = part.split_at(end);
    let number: f64 = number.parse().ok()?;
    Some(match unit {
        "us" | "µs" | "μs" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        "min" => number * 60.0,
        "h" => number * 3600.0,
        "d" => number * 86_400.0,
        "" if number == 0.0 => 0.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    const ANSWER: &str = "\
FallbackNTPServers=0.debian.pool.ntp.org 1.debian.pool.ntp.org
ServerName=0.debian.pool.ntp.org
ServerAddress=192.0.2.4
RootDistanceMaxUSec=5s
PollIntervalMinUSec=32s
PollIntervalMaxUSec=34min 8s
PollIntervalUSec=34min 8s
NTPMessage={ Leap=0, Version=4, Mode=4, Stratum=2, Precision=-23, RootDelay=1.052ms, RootDispersion=1min 30.822ms, Reference=11FD227B, OriginateTimestamp=Sat 2026-11-21 07:47:01 UTC, ReceiveTimestamp=Sat 2026-11-21 07:47:01 UTC, TransmitTimestamp=Sat 2026-11-21 07:47:01 UTC, DestinationTimestamp=Sat 2026-11-21 07:47:01 UTC, Ignored=no, PacketCount=53, Jitter=2.751ms }
Frequency=206870
";

    #[test]
    fn a_server_that_is_followed() {
        let expected = State {
            source: Some("0.debian.pool.ntp.org".to_owned()),
            synchronised: true,
            stratum: Some(2.0),
            root_delay_seconds: Some(0.001_052),
            root_dispersion_seconds: Some(60.030_822),
            ..State::default()
        };
        assert_eq!(parse(ANSWER).unwrap(), expected);
    }

    #[test]
    fn a_server_that_has_not_answered() {
        let state = parse("ServerName=\nServerAddress=192.0.2.4\nPollIntervalUSec=0\n").unwrap();
        assert_eq!(state, State { source: Some("192.0.2.4".to_owned()), ..State::default() });
        assert_eq!(parse("").unwrap(), State::default());
        assert!(!parse(&ANSWER.replace("Leap=0", "Leap=3")).unwrap().synchronised);
    }

    #[test]
    fn other_words_are_faults() {
        for (old, new) in [("Stratum=2", "Stratum=two"), ("1.052ms", "1.052mi"), ("1.052ms", "soon")] {
            assert_eq!(parse(&ANSWER.replace(old, new)).unwrap_err().reason(), "malformed", "{new}");
        }
    }

    #[test]
    fn spans_of_time() {
        let cases =
            [("0", Some(0.0)), ("5", None), ("34min 8s", Some(2048.0)), ("1h", Some(3600.0)), ("", None)];
        for (text, expected) in cases {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn a_captured_host_has_the_file_only() {
        let tree = Tree::new(&[]);
        assert_eq!(ask(&tree.host()).unwrap(), State::default());
        tree.write(SYNCHRONISED, "");
        let state = ask(&tree.host()).unwrap();
        assert!(state.synchronised && state.updated_seconds.unwrap() > 1.7e9);
    }
}
