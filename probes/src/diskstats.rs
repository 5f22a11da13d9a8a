//! Requests, bytes and time of block devices.

use crate::words::{Line, lines};
use crate::{Fault, Filter, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};

const DEVICE: &[&str] = &["device"];

const fn column(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, help, DEVICE)
}

static READS: Metric =
    column("node_disk_reads_completed_total", "The total number of reads completed successfully.");
static READS_MERGED: Metric = column("node_disk_reads_merged_total", "The total number of reads merged.");
static READ_BYTES: Metric =
    column("node_disk_read_bytes_total", "The total number of bytes read successfully.")
        .matters_from(65_536.0);
static READ_TIME: Metric =
    column("node_disk_read_time_seconds_total", "The total number of seconds spent by all reads.")
        .matters_from(0.02);
static WRITES: Metric =
    column("node_disk_writes_completed_total", "The total number of writes completed successfully.");
static WRITES_MERGED: Metric = column("node_disk_writes_merged_total", "The number of writes merged.");
static WRITTEN_BYTES: Metric =
    column("node_disk_written_bytes_total", "The total number of bytes written successfully.")
        .matters_from(65_536.0);
static WRITE_TIME: Metric =
    column("node_disk_write_time_seconds_total", "The total number of seconds spent by all writes.")
        .matters_from(0.02);
static IO_NOW: Metric =
    Metric::gauge("node_disk_io_now", "The number of I/Os currently in progress.", DEVICE).matters_from(4.0);
static IO_TIME: Metric =
    column("node_disk_io_time_seconds_total", "Total seconds spent doing I/Os.").matters_from(0.02);
static IO_TIME_WEIGHTED: Metric =
    column("node_disk_io_time_weighted_seconds_total", "The weighted number of seconds spent doing I/Os.")
        .matters_from(0.02);
static DISCARDS: Metric =
    column("node_disk_discards_completed_total", "The total number of discards completed successfully.");
static DISCARDS_MERGED: Metric =
    column("node_disk_discards_merged_total", "The total number of discards merged.");
static DISCARDED_SECTORS: Metric =
    column("node_disk_discarded_sectors_total", "The total number of sectors discarded successfully.");
static DISCARD_TIME: Metric =
    column("node_disk_discard_time_seconds_total", "The total number of seconds spent by all discards.")
        .matters_from(0.02);
static FLUSHES: Metric =
    column("node_disk_flush_requests_total", "The total number of flush requests completed successfully.");
static FLUSH_TIME: Metric = column(
    "node_disk_flush_requests_time_seconds_total",
    "The total number of seconds spent by all flush requests.",
)
.matters_from(0.02);

/// The sector of this file has 512 bytes, whatever the device has.
const SECTOR: f64 = 512.0;
const MILLI: f64 = 1.0 / 1000.0;

/// The columns after the name, and what their numbers are multiplied by.
static COLUMNS: [(&Metric, f64); 17] = [
    (&READS, 1.0),
    (&READS_MERGED, 1.0),
    (&READ_BYTES, SECTOR),
    (&READ_TIME, MILLI),
    (&WRITES, 1.0),
    (&WRITES_MERGED, 1.0),
    (&WRITTEN_BYTES, SECTOR),
    (&WRITE_TIME, MILLI),
    (&IO_NOW, 1.0),
    (&IO_TIME, MILLI),
    (&IO_TIME_WEIGHTED, MILLI),
    (&DISCARDS, 1.0),
    (&DISCARDS_MERGED, 1.0),
    (&DISCARDED_SECTORS, 1.0),
    (&DISCARD_TIME, MILLI),
    (&FLUSHES, 1.0),
    (&FLUSH_TIME, MILLI),
];
/// Columns of kernels before 4.18, which did not count discards, and 5.5, which did not count flushes.
const COLUMNS_MIN: usize = 11;

pub(crate) const PATH: &str = "/proc/diskstats";

pub static SPEC: Spec = Spec {
    name: "diskstats",
    about: "requests, bytes and time of block devices",
    doc: "admin-guide/iostats",
    reads: &[PATH],
    metrics: &[
        &READS,
        &READS_MERGED,
        &READ_BYTES,
        &READ_TIME,
        &WRITES,
        &WRITES_MERGED,
        &WRITTEN_BYTES,
        &WRITE_TIME,
        &IO_NOW,
        &IO_TIME,
        &IO_TIME_WEIGHTED,
        &DISCARDS,
        &DISCARDS_MERGED,
        &DISCARDED_SECTORS,
        &DISCARD_TIME,
        &FLUSHES,
        &FLUSH_TIME,
    ],
    settings: &DEVICES,
    start: |settings| Box::new(Diskstats { devices: wanted(settings) }),
    ..Spec::INLINE
};

/// Which devices are looked at: unless set, all but RAM disks, loop devices, floppies and partitions.
pub(crate) static DEVICES: [Setting; 2] = [
    Setting {
        name: "device_include",
        about: "Block devices that are looked at; all, unless set.",
        default: Preset::Pattern(""),
    },
    Setting {
        name: "device_exclude",
        about: "Block devices that are left out.",
        default: Preset::Pattern(r"(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+"),
    },
];

/// The choice that [`DEVICES`] make.
pub(crate) fn wanted(settings: &Settings) -> Filter {
    settings.filter("device_include", "device_exclude")
}

struct Diskstats {
    devices: Filter,
}

impl Probe for Diskstats {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        parse(host.read(PATH)?, &self.devices, out)
    }
}

/// A host may have no block device at all, so an empty text is no fault.
fn parse(text: &str, devices: &Filter, out: &mut Batch) -> Result<(), Fault> {
    for line in lines(PATH, text) {
        let Some((disk, line)) = disk(line, devices)? else { continue };
        parse_columns(disk.name, line, out)?;
    }
    Ok(())
}

/// A block device as its line begins.
#[derive(Clone, Copy)]
pub(crate) struct Disk<'a> {
    pub major: &'a str,
    pub minor: &'a str,
    pub name: &'a str,
}

/// The device of a line and the rest of the line; nothing for a device that is left out.
pub(crate) fn disk<'a>(mut line: Line<'a>, devices: &Filter) -> Result<Option<(Disk<'a>, Line<'a>)>, Fault> {
    let Some(major) = line.word() else { return Ok(None) };
    line.as_count(major)?;
    let minor = line.word().unwrap_or("");
    line.as_count(minor)?;
    let name = line.word().ok_or_else(|| line.fault("", "the name of a device"))?;
    Ok(devices.takes(name).then_some((Disk { major, minor, name }, line)))
}

fn parse_columns(device: &str, mut line: Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    for (at, (metric, factor)) in COLUMNS.iter().enumerate() {
        let value = match line.next_count() {
            Some(value) => value?,
            None if at < COLUMNS_MIN => return Err(line.fault("", "eleven columns or more")),
            None => break,
        };
        out.push(metric, &[device], value * factor);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::check;
    use expect_test::expect;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(text, &wanted(&Settings::new(&DEVICES)), out)
    }

    #[test]
    fn a_disk_of_an_old_kernel() {
        check(
            parse,
            " 252       2 dm-2 11571 0 308350 6536 153522 0 5093416 122884 0 65400 129416\n",
            expect![[r#"
                node_disk_reads_completed_total{device="dm-2"} 11571
                node_disk_reads_merged_total{device="dm-2"} 0
                node_disk_read_bytes_total{device="dm-2"} 157875200
                node_disk_read_time_seconds_total{device="dm-2"} 6.5360000000000005
                node_disk_writes_completed_total{device="dm-2"} 153522
                node_disk_writes_merged_total{device="dm-2"} 0
                node_disk_written_bytes_total{device="dm-2"} 2607828992
                node_disk_write_time_seconds_total{device="dm-2"} 122.884
                node_disk_io_now{device="dm-2"} 0
                node_disk_io_time_seconds_total{device="dm-2"} 65.4
                node_disk_io_time_weighted_seconds_total{device="dm-2"} 129.416
            "#]],
        );
    }

    #[test]
    fn a_disk_that_discards_and_flushes() {
        check(
            parse,
            "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n \
             8 32 sdc 126552 141 1657779 14 11822 1895 172905 1007 0 10730 17070 18851 0 125173784 11130 1555 1944\n",
            expect![[r#"
                node_disk_reads_completed_total{device="sdc"} 126552
                node_disk_reads_merged_total{device="sdc"} 141
                node_disk_read_bytes_total{device="sdc"} 848782848
                node_disk_read_time_seconds_total{device="sdc"} 0.014
                node_disk_writes_completed_total{device="sdc"} 11822
                node_disk_writes_merged_total{device="sdc"} 1895
                node_disk_written_bytes_total{device="sdc"} 88527360
                node_disk_write_time_seconds_total{device="sdc"} 1.0070000000000001
                node_disk_io_now{device="sdc"} 0
                node_disk_io_time_seconds_total{device="sdc"} 10.73
                node_disk_io_time_weighted_seconds_total{device="sdc"} 17.07
                node_disk_discards_completed_total{device="sdc"} 18851
                node_disk_discards_merged_total{device="sdc"} 0
                node_disk_discarded_sectors_total{device="sdc"} 125173784
                node_disk_discard_time_seconds_total{device="sdc"} 11.13
                node_disk_flush_requests_total{device="sdc"} 1555
                node_disk_flush_requests_time_seconds_total{device="sdc"} 1.944
            "#]],
        );
    }

    #[test]
    fn partitions_and_ram_disks_are_left_out() {
        let out = ["ram0", "zram1", "loop7", "fd0", "sda1", "vda12", "xvdb3", "hdz9", "nvme0n1p2"];
        let shown =
            ["sda", "sdaa1", "dm-0", "sr0", "mmcblk0p1", "nvme0n1", "nvmep1", "md127", "vda", "123", ""];
        let devices = wanted(&Settings::new(&DEVICES));
        assert_eq!(out.into_iter().find(|name| devices.takes(name)), None);
        assert_eq!(shown.into_iter().find(|name| !devices.takes(name)), None);
    }

    #[test]
    fn other_devices_may_be_wanted() {
        let mut settings = Settings::new(&DEVICES);
        settings.set("device_include", Value::Text("sd.*".into())).unwrap();
        settings.set("device_exclude", Value::Text("sda".into())).unwrap();
        let mut batch = Batch::new();
        let row = "1 2 3 4 5 6 7 8 9 10 11";
        let text = format!("8 0 sda {row}\n8 1 sda1 {row}\n254 0 vda {row}\n");
        super::parse(&text, &wanted(&settings), &mut batch).unwrap();
        assert!(batch.len() == 11 && batch.samples().all(|sample| sample.labels().next() == Some("sda1")));
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "8 0 sda 1 2 3\n",
            expect![[r#"
            node_disk_reads_completed_total{device="sda"} 1
            node_disk_reads_merged_total{device="sda"} 2
            node_disk_read_bytes_total{device="sda"} 1536
            fault malformed: /proc/diskstats:1: expected eleven columns or more, found ""
        "#]],
        );
        check(
            parse,
            "8 0 sda 1 2 x 4 5 6 7 8 9 10 11\n",
            expect![[r#"
            node_disk_reads_completed_total{device="sda"} 1
            node_disk_reads_merged_total{device="sda"} 2
            fault malformed: /proc/diskstats:1: expected a whole number, found "x"
        "#]],
        );
        check(
            parse,
            "8 zero sda 1\n",
            expect![[r#"
            fault malformed: /proc/diskstats:1: expected a whole number, found "zero"
        "#]],
        );
        check(
            parse,
            "8 0\n",
            expect![[r#"
            fault malformed: /proc/diskstats:1: expected the name of a device, found ""
        "#]],
        );
    }
}
