//! Who keeps the clock right, after whom, and how well by its own account.
//!
//! What the kernel makes of it is the probe `timex`.

mod chrony;
mod ntpd;
mod timesyncd;

use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
use std::time::Duration;

const DAEMON: &[&str] = &["daemon"];

static SOURCE: Metric = Metric::gauge(
    "hostward_timesync_source_info",
    "The time service that runs here and the server or clock that it follows; the value is always 1.",
    &["daemon", "source"],
);
static SYNCHRONISED: Metric = Metric::gauge(
    "hostward_timesync_synchronised",
    "1 when the time service says that the clock follows its source, 0 when not.",
    DAEMON,
);
static STRATUM: Metric = Metric::gauge(
    "hostward_timesync_stratum",
    "How many servers lie between a reference clock and the source, the source included.",
    DAEMON,
);
static OFFSET: Metric = Metric::gauge(
    "hostward_timesync_offset_seconds",
    "How far the clock is ahead of its source; negative is behind.",
    DAEMON,
);
static ROOT_DELAY: Metric = Metric::gauge(
    "hostward_timesync_root_delay_seconds",
    "Time that a packet takes to the reference clock and back.",
    DAEMON,
);
static ROOT_DISPERSION: Metric = Metric::gauge(
    "hostward_timesync_root_dispersion_seconds",
    "Error that may have gathered on the way from the reference clock.",
    DAEMON,
);
static UPDATED: Metric = Metric::gauge(
    "hostward_timesync_last_update_timestamp_seconds",
    "When the source was last heard and followed.",
    DAEMON,
);

const PROCESSES: &str = "/proc";
/// More processes than this are not looked at.
const PROCESSES_MAX: usize = 1 << 17;
const DEADLINE: Duration = Duration::from_secs(3);
const ANSWER_BYTES_MAX: usize = 64 << 10;
const SOURCE_CHARS_MAX: usize = 128;

pub static SPEC: Spec = Spec {
    name: "timesync",
    about: "the service that keeps the clock right: its source, offset and last update",
    doc: "chronyc(1), ntpq(1), systemd-timesyncd(8), timedatectl(1)",
    reads: &["/proc/PID/comm", timesyncd::SYNCHRONISED],
    metrics: &[&SOURCE, &SYNCHRONISED, &STRATUM, &OFFSET, &ROOT_DELAY, &ROOT_DISPERSION, &UPDATED],
    every_ms: 30_000,
    deadline_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

/// What a time service says; what it does not know is absent.
#[derive(Debug, Default, PartialEq)]
struct State {
    source: Option<String>,
    synchronised: bool,
    stratum: Option<f64>,
    ahead_seconds: Option<f64>,
    root_delay_seconds: Option<f64>,
    root_dispersion_seconds: Option<f64>,
    updated_seconds: Option<f64>,
}

type Ask = fn(&Host) -> Result<State, Fault>;

/// Names of processes as the kernel cuts them, of the label, and whom to ask.
static DAEMONS: [(&str, &str, Ask); 3] = [
    ("chronyd", "chrony", chrony::ask),
    ("systemd-timesyn", "systemd-timesyncd", timesyncd::ask),
    ("ntpd", "ntpd", ntpd::ask),
];

/// Two at once are a mistake that should be seen, so each that runs is asked.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let running = running(host)?;
    if !running.contains(&true) {
        return Err(Fault::Missing { what: "chronyd, systemd-timesyncd or ntpd".to_owned() });
    }
    let asked = DAEMONS.iter().zip(running).filter(|(_, running)| *running);
    asked
        .map(|((_, daemon, ask), _)| ask(host).map(|state| push(daemon, &state, out)))
        .fold(Ok(()), Result::and)
}

fn running(host: &mut Host) -> Result<[bool; DAEMONS.len()], Fault> {
    let mut running = [false; DAEMONS.len()];
    let names = host.names(PROCESSES, PROCESSES_MAX)?;
    for pid in names.iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())) {
        let name = host.attribute(format_args!("{PROCESSES}/{pid}/comm")).ok().flatten();
        if let Some(index) = DAEMONS.iter().position(|(process, ..)| name == Some(*process)) {
            running[index] = true;
        }
    }
    Ok(running)
}

fn push(daemon: &str, state: &State, out: &mut Batch) {
    let source: String =
        state.source.iter().flat_map(|source| source.chars()).take(SOURCE_CHARS_MAX).collect();
    out.push(&SOURCE, &[daemon, &source], 1.0);
    out.push(&SYNCHRONISED, &[daemon], f64::from(state.synchronised));
    for (metric, value) in [
        (&STRATUM, state.stratum),
        (&OFFSET, state.ahead_seconds),
        (&ROOT_DELAY, state.root_delay_seconds),
        (&ROOT_DISPERSION, state.root_dispersion_seconds),
        (&UPDATED, state.updated_seconds),
    ] {
        if let Some(value) = value {
            out.push(metric, &[daemon], value);
        }
    }
}

/// A captured host has no daemon that could be asked.
fn live_only(host: &Host, program: &str) -> Result<(), Fault> {
    if host.is_live() { Ok(()) } else { Err(Fault::Missing { what: program.to_owned() }) }
}

/// A decimal number that is finite.
fn decimal(what: &str, line: usize, word: &str) -> Result<f64, Fault> {
    let value = word.parse().ok().filter(|value: &f64| value.is_finite());
    value.ok_or_else(|| Fault::malformed(what, line, word, "a number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Tree, exposition};
    use expect_test::expect;

    /// A host on which these processes run.
    fn running_these(processes: &[&str]) -> Tree {
        let tree = Tree::new(&[]);
        for (process, pid) in processes.iter().zip(100..) {
            tree.write(&format!("/proc/{pid}/comm"), format!("{process}\n"));
        }
        tree
    }

    #[test]
    fn processes_say_who_keeps_the_time() {
        let cases: [(&[&str], _); 3] = [
            (&["sshd", "chronyd", "chronyd"], [true, false, false]),
            (&["systemd-timesyn", "ntpd"], [false, true, true]),
            (&["ntpdate", "bash"], [false; 3]),
        ];
        for (processes, expected) in cases {
            let tree = running_these(processes);
            assert_eq!(running(&mut tree.host()).unwrap(), expected, "{processes:?}");
        }
    }

    #[test]
    fn without_any_the_probe_is_missing_and_a_captured_daemon_cannot_be_asked() {
        for (process, what) in [("bash", "chronyd, systemd-timesyncd or ntpd"), ("chronyd", "chronyc")] {
            let tree = running_these(&[process]);
            let mut out = Batch::new();
            let fault = collect(&mut tree.host(), &mut out).unwrap_err();
            assert_eq!(fault, Fault::Missing { what: what.to_owned() });
            assert!(out.is_empty());
        }
    }

    #[test]
    fn what_is_not_known_is_absent() {
        let mut out = Batch::new();
        push("chrony", &State::default(), &mut out);
        let known = State {
            source: Some("192.0.2.1".to_owned()),
            synchronised: true,
            stratum: Some(2.0),
            ahead_seconds: Some(-0.001),
            ..State::default()
        };
        push("ntpd", &known, &mut out);
        expect![[r#"
            hostward_timesync_source_info{daemon="chrony",source=""} 1
            hostward_timesync_synchronised{daemon="chrony"} 0
            hostward_timesync_source_info{daemon="ntpd",source="192.0.2.1"} 1
            hostward_timesync_synchronised{daemon="ntpd"} 1
            hostward_timesync_stratum{daemon="ntpd"} 2
            hostward_timesync_offset_seconds{daemon="ntpd"} -0.001
        "#]]
        .assert_eq(&exposition(&out));
    }
}
