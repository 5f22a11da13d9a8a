//! Requests, bytes and time of SCSI tape drives.

use crate::attributes::{self, Attribute};
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use regex::Regex;

const DEVICE: &[&str] = &["device"];

static IN_FLIGHT: Metric =
    Metric::gauge("node_tape_io_now", "Requests to the drive that are not finished.", DEVICE);
static TIME: Metric = Metric::counter(
    "node_tape_io_time_seconds_total",
    "Time that requests of any kind took, movements of the tape included.",
    DEVICE,
);
static OTHERS: Metric = Metric::counter(
    "node_tape_io_others_total",
    "Requests that were neither reads nor writes; what they took is the time of all less that of reads and writes.",
    DEVICE,
);
static READ_BYTES: Metric =
    Metric::counter("node_tape_read_bytes_total", "Bytes read from the tape.", DEVICE);
static READS: Metric = Metric::counter("node_tape_reads_completed_total", "Reads of the tape.", DEVICE);
static READ_TIME: Metric =
    Metric::counter("node_tape_read_time_seconds_total", "Time that reads took.", DEVICE);
static RESIDUAL: Metric = Metric::counter(
    "node_tape_residual_total",
    "Reads and writes that moved less than they asked for: a read larger than the block on the tape, or a write cut short.",
    DEVICE,
);
static WRITTEN_BYTES: Metric =
    Metric::counter("node_tape_written_bytes_total", "Bytes written to the tape.", DEVICE);
static WRITES: Metric = Metric::counter("node_tape_writes_completed_total", "Writes to the tape.", DEVICE);
static WRITE_TIME: Metric =
    Metric::counter("node_tape_write_time_seconds_total", "Time that writes took.", DEVICE);

const NANO: f64 = 1e-9;

static COUNTERS: [Attribute; 10] = [
    ("in_flight", &IN_FLIGHT, 1.0),
    ("io_ns", &TIME, NANO),
    ("other_cnt", &OTHERS, 1.0),
    ("read_byte_cnt", &READ_BYTES, 1.0),
    ("read_cnt", &READS, 1.0),
    ("read_ns", &READ_TIME, NANO),
    ("resid_cnt", &RESIDUAL, 1.0),
    ("write_byte_cnt", &WRITTEN_BYTES, 1.0),
    ("write_cnt", &WRITES, 1.0),
    ("write_ns", &WRITE_TIME, NANO),
];

const DIRECTORY: &str = "/sys/class/scsi_tape";
/// Eight names for each drive; a library of more than a hundred drives is cut.
const NAMES_MAX: usize = 1024;

pub static SPEC: Spec = Spec {
    name: "tapestats",
    about: "requests, bytes and time of SCSI tape drives",
    doc: "scsi/st",
    reads: &[DIRECTORY],
    metrics: &[
        &IN_FLIGHT,
        &TIME,
        &OTHERS,
        &READ_BYTES,
        &READS,
        &READ_TIME,
        &RESIDUAL,
        &WRITTEN_BYTES,
        &WRITES,
        &WRITE_TIME,
    ],
    every_ms: 10_000,
    settings: &[Setting {
        name: "ignored_devices",
        about: "Drives that are left out.",
        default: Preset::Pattern(""),
    }],
    start,
    ..Spec::INLINE
};

struct Tapes {
    ignored: Option<Regex>,
}

fn start(settings: &Settings) -> Box<dyn Probe> {
    Box::new(Tapes { ignored: settings.pattern("ignored_devices").cloned() })
}

impl Probe for Tapes {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let wanted = |name: &str| {
            is_drive(name) && !self.ignored.as_ref().is_some_and(|ignored| ignored.is_match(name))
        };
        let drives = attributes::names(host, DIRECTORY, NAMES_MAX, wanted, out)?;
        let mut push = |drive: &String| {
            attributes::push_each(host, &format!("{DIRECTORY}/{drive}/stats"), &COUNTERS, &[drive], out)
        };
        drives.iter().map(&mut push).fold(Ok(()), Result::and)
    }
}

/// `st0`: `nst0`, `st0a` and the like are modes of the same drive with the same counters.
fn is_drive(name: &str) -> bool {
    name.strip_prefix("st").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::{Tree, check};
    use expect_test::expect;

    #[test]
    fn a_drive_is_counted_once_and_may_be_left_out() {
        let tree = Tree::new(&[
            ("/sys/class/scsi_tape/st0/stats/read_ns", "33788355744\n"),
            ("/sys/class/scsi_tape/st0/stats/write_cnt", "much\n"),
            ("/sys/class/scsi_tape/st0/stats/write_ns", "1000000000\n"),
            ("/sys/class/scsi_tape/nst0/stats/read_ns", "1\n"),
            ("/sys/class/scsi_tape/st0a/stats/read_ns", "1\n"),
            ("/sys/class/scsi_tape/st1/stats/in_flight", "1\n"),
        ]);
        let mut settings = Settings::new(SPEC.settings);
        settings.set("ignored_devices", Value::Text("st1".into())).unwrap();
        check(
            |_, out| (SPEC.start)(&settings).collect(&mut tree.host(), out),
            "",
            expect![[r#"
            node_tape_read_time_seconds_total{device="st0"} 33.788355744
            node_tape_write_time_seconds_total{device="st0"} 1
            fault malformed: /sys/class/scsi_tape/st0/stats/write_cnt:1: expected a whole number, found "much"
        "#]],
        );
    }
}
