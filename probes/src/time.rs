//! The clock, its source and the time zone.

mod step;

use crate::zone::{self, Zone};
use crate::{Fault, Host, Probe, Spec};
use hostward_model::{Batch, Metric};
use nix::time::{ClockId, clock_gettime};
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};
use step::Steps;

/// A second read late is no clock that was set.
const MATTERS_FROM_S: f64 = 5.0;

static SECONDS: Metric =
    Metric::gauge("node_time_seconds", "System time in seconds since epoch (1970).", &[])
        .matters_from(MATTERS_FROM_S);
static STEPPED: Metric = Metric::counter(
    "hostward_clock_step_seconds_total",
    "Seconds by which the clock was set at once, a second or more each time.",
    &["direction"],
);
static ZONE_OFFSET: Metric =
    Metric::gauge("node_time_zone_offset_seconds", "System time zone offset in seconds.", &["time_zone"]);
static AVAILABLE: Metric = Metric::gauge(
    "node_time_clocksource_available_info",
    "Available clocksources read from '/sys/devices/system/clocksource'.",
    &["clocksource", "device"],
);
static CURRENT: Metric = Metric::gauge(
    "node_time_clocksource_current_info",
    "Current clocksource read from '/sys/devices/system/clocksource'.",
    &["clocksource", "device"],
);

/// Linux registers one device of this class, and names it 0.
const DEVICE: &str = "0";
const AVAILABLE_PATH: &str = "/sys/devices/system/clocksource/clocksource0/available_clocksource";
const CURRENT_PATH: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
const ZONE_PATH: &str = "/etc/localtime";

pub static SPEC: Spec = Spec {
    name: "time",
    about: "the clock, its source and the time zone",
    doc: "time(7), localtime(5)",
    reads: &[AVAILABLE_PATH, CURRENT_PATH, ZONE_PATH],
    metrics: &[&SECONDS, &STEPPED, &ZONE_OFFSET, &AVAILABLE, &CURRENT],
    start: |_| Box::new(Clock::default()),
    ..Spec::INLINE
};

#[derive(Default)]
struct Clock {
    steps: Steps,
    /// The minute for which it was read: rules change at whole minutes, and the file hardly ever.
    zone: Option<(i64, Zone)>,
}

impl Probe for Clock {
    /// A captured host has no clock any more; what this machine's clock says would not be its time.
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let clock = if host.is_live() { self.push_clock(host, out) } else { Ok(()) };
        clock.and(push_source(host, out))
    }
}

impl Clock {
    fn push_clock(&mut self, host: &Host, out: &mut Batch) -> Result<(), Fault> {
        let (before, seconds, after) = (since_boot()?, since_epoch(), since_boot()?);
        self.steps.observe(before, seconds, after);
        out.push(&SECONDS, &[], seconds);
        out.push(&STEPPED, &["forward"], self.steps.forward);
        out.push(&STEPPED, &["backward"], self.steps.backward);
        let minute = (seconds as i64).div_euclid(60);
        if self.zone.as_ref().is_none_or(|(known, _)| *known != minute) {
            self.zone = None;
            self.zone = Some((minute, zone(host, seconds as i64)?));
        }
        if let Some((_, zone)) = &self.zone {
            out.push(&ZONE_OFFSET, &[&zone.name], f64::from(zone.offset_seconds));
        }
        Ok(())
    }
}

fn since_epoch() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or_else(|before| -before.duration().as_secs_f64(), |after| after.as_secs_f64())
}

/// Seconds since boot, sleep included: clock_gettime(2).
fn since_boot() -> Result<f64, Fault> {
    let time = clock_gettime(ClockId::CLOCK_BOOTTIME);
    let time = time.map_err(|error| Fault::io("CLOCK_BOOTTIME", &io::Error::from(error)))?;
    Ok(time.tv_sec() as f64 + time.tv_nsec() as f64 * 1e-9)
}

/// localtime(5): without the file the zone is UTC.
fn zone(host: &Host, now: i64) -> Result<Zone, Fault> {
    match host.bytes(ZONE_PATH) {
        Ok(file) => zone::at(&file, now)
            .ok_or_else(|| Fault::malformed(ZONE_PATH, 1, "", "a time zone in TZif format")),
        Err(Fault::Missing { .. }) => Ok(Zone::utc()),
        Err(fault) => Err(fault),
    }
}

/// Architectures with a single source have no such files.
fn push_source(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    for (path, metric) in [(AVAILABLE_PATH, &AVAILABLE), (CURRENT_PATH, &CURRENT)] {
        if let Some(text) = host.read_if_there(path)? {
            parse_sources(text, metric, out);
        }
    }
    Ok(())
}

fn parse_sources(text: &str, metric: &'static Metric, out: &mut Batch) {
    text.split_whitespace().for_each(|source| out.push(metric, &[source, DEVICE], 1.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn sources_of_the_clock() {
        let parse = |text: &str, out: &mut Batch| {
            parse_sources(text, &AVAILABLE, out);
            Ok(())
        };
        check(
            parse,
            "tsc hpet acpi_pm \n",
            expect![[r#"
            node_time_clocksource_available_info{clocksource="tsc",device="0"} 1
            node_time_clocksource_available_info{clocksource="hpet",device="0"} 1
            node_time_clocksource_available_info{clocksource="acpi_pm",device="0"} 1
        "#]],
        );
        check(parse, "", expect![[r#""#]]);
    }

    #[test]
    fn the_live_clock_has_a_zone() {
        let (host, mut clock) = (Host::new("/"), Clock::default());
        for _ in 0..2 {
            let mut out = Batch::new();
            clock.push_clock(&host, &mut out).unwrap();
            let names: Vec<_> = out.samples().map(|sample| sample.metric.name).collect();
            assert_eq!(names, [SECONDS.name, STEPPED.name, STEPPED.name, ZONE_OFFSET.name]);
        }
    }
}
