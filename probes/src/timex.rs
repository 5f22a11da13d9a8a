//! The kernel's clock discipline: how far off it believes the clock to be, and who says so.

use crate::drop_in::drop_in;
use crate::{Fault, Host, Probe, Spec};
use hostward_model::{Batch, Metric};
use rtime_clock::adjtime::{Timex, adjtimex};

static OFFSET: Metric = Metric::gauge(
    "node_timex_offset_seconds",
    "Time offset in between local system and reference clock.",
    &[],
);
static FREQUENCY: Metric =
    Metric::gauge("node_timex_frequency_adjustment_ratio", "Local clock frequency adjustment.", &[]);
static MAX_ERROR: Metric = Metric::gauge("node_timex_maxerror_seconds", "Maximum error in seconds.", &[]);
static ESTIMATED_ERROR: Metric =
    Metric::gauge("node_timex_estimated_error_seconds", "Estimated error in seconds.", &[]);
static STATUS: Metric = Metric::gauge("node_timex_status", "Value of the status array bits.", &[]);
static LOOP_CONSTANT: Metric =
    Metric::gauge("node_timex_loop_time_constant", "Phase-locked loop time constant.", &[]);
static TICK: Metric = Metric::gauge("node_timex_tick_seconds", "Seconds between clock ticks.", &[]);
static PPS_FREQUENCY: Metric =
    Metric::gauge("node_timex_pps_frequency_hertz", "Pulse per second frequency.", &[]);
static PPS_JITTER: Metric = Metric::gauge("node_timex_pps_jitter_seconds", "Pulse per second jitter.", &[]);
static PPS_SHIFT: Metric =
    Metric::gauge("node_timex_pps_shift_seconds", "Pulse per second interval duration.", &[]);
static PPS_STABILITY: Metric = Metric::gauge(
    "node_timex_pps_stability_hertz",
    "Pulse per second stability, average of recent frequency changes.",
    &[],
);
static PPS_JITTER_EXCEEDED: Metric = Metric::counter(
    "node_timex_pps_jitter_total",
    "Pulse per second count of jitter limit exceeded events.",
    &[],
);
static PPS_CALIBRATIONS: Metric = Metric::counter(
    "node_timex_pps_calibration_total",
    "Pulse per second count of calibration intervals.",
    &[],
);
static PPS_ERRORS: Metric =
    Metric::counter("node_timex_pps_error_total", "Pulse per second count of calibration errors.", &[]);
static PPS_STABILITY_EXCEEDED: Metric = Metric::counter(
    "node_timex_pps_stability_exceeded_total",
    "Pulse per second count of stability limit exceeded events.",
    &[],
);
static TAI: Metric =
    Metric::gauge("node_timex_tai_offset_seconds", "International Atomic Time (TAI) offset.", &[]);
static SYNC: Metric = Metric::gauge(
    "node_timex_sync_status",
    "Is clock synchronized to a reliable server (1 = yes, 0 = no).",
    &[],
);
static OVERFLOW: Metric = Metric::counter(
    "node_timex_offset_overflow_total",
    "Count of offsets beyond 4 s, more than a kernel disciplines: virtual machines show them when 32 bits wrap.",
    &[],
);

const WHAT: &str = "adjtimex(2)";
/// The unit drops `CAP_SYS_TIME`, so what is let through here can read the clock's state and not change it.
const GRANT: &str = drop_in!("clock": "ProtectClock=no", "SystemCallFilter=adjtimex clock_adjtime");

/// What adjtimex(2) returns when the clock is not synchronised (`TIME_ERROR`).
const UNSYNCHRONISED: i32 = 5;
/// The bit of the status that says that offset and jitter are nanoseconds (`STA_NANO`).
const STATUS_NANO: i32 = 0x2000;
/// Frequencies are parts per million with 16 bits behind the point.
const PPM: f64 = 65_536.0 * 1e6;
const MICRO: f64 = 1e6;
const NANO: f64 = 1e9;
const OVERFLOW_SECONDS: f64 = 4.0;

pub static SPEC: Spec = Spec {
    name: "timex",
    about: "the kernel's clock discipline: offset, errors, frequency and whether the clock is synchronised",
    doc: "adjtimex(2)",
    reads: &[],
    metrics: &[
        &OFFSET,
        &FREQUENCY,
        &MAX_ERROR,
        &ESTIMATED_ERROR,
        &STATUS,
        &LOOP_CONSTANT,
        &TICK,
        &PPS_FREQUENCY,
        &PPS_JITTER,
        &PPS_SHIFT,
        &PPS_STABILITY,
        &PPS_JITTER_EXCEEDED,
        &PPS_CALIBRATIONS,
        &PPS_ERRORS,
        &PPS_STABILITY_EXCEEDED,
        &TAI,
        &SYNC,
        &OVERFLOW,
    ],
    start: |_| Box::<Clock>::default(),
    ..Spec::INLINE
};

/// The one count that the kernel does not keep.
#[derive(Default)]
struct Clock {
    overflows: u64,
}

impl Probe for Clock {
    /// A captured host has no kernel that could be asked.
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        if !host.is_live() {
            return Err(Fault::Missing { what: WHAT.to_owned() });
        }
        let mut timex = Timex::new();
        let state = adjtimex(&mut timex).map_err(|error| with_grant(Fault::io(WHAT, &error)))?;
        self.push(state, &timex, out);
        Ok(())
    }
}

impl Clock {
    fn push(&mut self, state: i32, Timex(timex): &Timex, out: &mut Batch) {
        let fraction = if timex.status & STATUS_NANO != 0 { NANO } else { MICRO };
        let offset = timex.offset as f64 / fraction;
        self.overflows += u64::from(offset.abs() > OVERFLOW_SECONDS);
        for (metric, value) in [
            (&SYNC, f64::from(state != UNSYNCHRONISED)),
            (&OFFSET, offset),
            (&OVERFLOW, self.overflows as f64),
            (&FREQUENCY, 1.0 + timex.freq as f64 / PPM),
            (&MAX_ERROR, timex.maxerror as f64 / MICRO),
            (&ESTIMATED_ERROR, timex.esterror as f64 / MICRO),
            (&STATUS, f64::from(timex.status)),
            (&LOOP_CONSTANT, timex.constant as f64),
            (&TICK, timex.tick as f64 / MICRO),
            (&PPS_FREQUENCY, timex.ppsfreq as f64 / PPM),
            (&PPS_JITTER, timex.jitter as f64 / fraction),
            (&PPS_SHIFT, f64::from(timex.shift)),
            (&PPS_STABILITY, timex.stabil as f64 / PPM),
            (&PPS_JITTER_EXCEEDED, timex.jitcnt as f64),
            (&PPS_CALIBRATIONS, timex.calcnt as f64),
            (&PPS_ERRORS, timex.errcnt as f64),
            (&PPS_STABILITY_EXCEEDED, timex.stbcnt as f64),
            (&TAI, f64::from(timex.tai)),
        ] {
            out.push(metric, &[], value);
        }
    }
}

fn with_grant(fault: Fault) -> Fault {
    match fault {
        Fault::Denied { what, .. } => Fault::Denied { what, grant: GRANT.to_owned() },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::exposition;
    use expect_test::expect;

    fn shown(clock: &mut Clock, state: i32, timex: &Timex) -> String {
        let mut out = Batch::new();
        clock.push(state, timex, &mut out);
        exposition(&out)
    }

    fn disciplined() -> Timex {
        let mut timex = Timex::new();
        timex.0.status = 0x2001;
        timex.0.offset = -1_500_000;
        timex.0.freq = 65_536 * 12;
        timex.0.maxerror = 250_000;
        timex.0.esterror = 1200;
        timex.0.constant = 7;
        timex.0.tick = 10_000;
        timex.0.tai = 37;
        timex
    }

    #[test]
    fn a_disciplined_clock() {
        expect![[r#"
            node_timex_sync_status 1
            node_timex_offset_seconds -0.0015
            node_timex_offset_overflow_total 0
            node_timex_frequency_adjustment_ratio 1.000012
            node_timex_maxerror_seconds 0.25
            node_timex_estimated_error_seconds 0.0012
            node_timex_status 8193
            node_timex_loop_time_constant 7
            node_timex_tick_seconds 0.01
            node_timex_pps_frequency_hertz 0
            node_timex_pps_jitter_seconds 0
            node_timex_pps_shift_seconds 0
            node_timex_pps_stability_hertz 0
            node_timex_pps_jitter_total 0
            node_timex_pps_calibration_total 0
            node_timex_pps_error_total 0
            node_timex_pps_stability_exceeded_total 0
            node_timex_tai_offset_seconds 37
        "#]]
        .assert_eq(&shown(&mut Clock::default(), 0, &disciplined()));
    }

    /// Without `STA_NANO` the same number is a thousand times as much.
    #[test]
    fn microseconds_and_an_offset_that_wrapped() {
        let mut timex = disciplined();
        timex.0.status = 0x40;
        let mut clock = Clock::default();
        assert!(shown(&mut clock, UNSYNCHRONISED, &timex).starts_with(
            "node_timex_sync_status 0\nnode_timex_offset_seconds -1.5\nnode_timex_offset_overflow_total 0\n"
        ));
        timex.0.offset = 4_294_967;
        for count in 1..3 {
            let line = format!("node_timex_offset_overflow_total {count}\n");
            assert!(shown(&mut clock, UNSYNCHRONISED, &timex).contains(&line));
        }
    }

    #[test]
    fn the_live_clock_is_read_and_a_captured_one_is_not_there() {
        let mut out = Batch::new();
        SPEC.instance().collect(&mut Host::new("/"), &mut out).unwrap();
        let tick = out.samples().find(|sample| sample.metric == &TICK).unwrap().value;
        assert!((0.0009..=0.0111).contains(&tick), "{tick}");
        let fault = SPEC.instance().collect(&mut Host::new("/nonexistent"), &mut out).unwrap_err();
        assert_eq!(fault.reason(), "missing");
    }

    #[test]
    fn a_sandbox_that_forbids_it_is_told_how_to_allow_it() {
        let fault = with_grant(Fault::io(WHAT, &std::io::ErrorKind::PermissionDenied.into()));
        assert_eq!(fault.reason(), "permission");
        assert!(fault.to_string().contains("ProtectClock=no"));
    }
}
