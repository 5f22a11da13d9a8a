//! What udev found out about block devices: model, serial number, filesystem, device mapper.

use crate::diskstats::{self, Disk};
use crate::words::lines;
use crate::{Fault, Filter, Host, Probe, Spec};
use hostward_model::{Batch, Metric};

static INFO: Metric = Metric::gauge(
    "node_disk_info",
    "What is known about a block device; the value is always 1.",
    &["device", "major", "minor", "model", "path", "revision", "rotational", "serial", "wwn"],
);
static FILESYSTEM: Metric = Metric::gauge(
    "node_disk_filesystem_info",
    "The filesystem that a block device holds; the value is always 1.",
    &["device", "type", "usage", "uuid", "version"],
);
static MAPPER: Metric = Metric::gauge(
    "node_disk_device_mapper_info",
    "The device mapper's view of a block device; the value is always 1.",
    &["device", "lv_layer", "lv_name", "name", "uuid", "vg_name"],
);
static WRITE_CACHE: Metric =
    Metric::gauge("node_disk_ata_write_cache", "ATA disk has a write cache.", &["device"]);
static WRITE_CACHE_ENABLED: Metric =
    Metric::gauge("node_disk_ata_write_cache_enabled", "ATA disk has its write cache enabled.", &["device"]);
static ROTATION_RATE: Metric = Metric::gauge(
    "node_disk_ata_rotation_rate_rpm",
    "ATA disk rotation rate in RPMs (0 for SSDs).",
    &["device"],
);

static ATA: [(&str, &Metric); 3] = [
    ("ID_ATA_WRITE_CACHE", &WRITE_CACHE),
    ("ID_ATA_WRITE_CACHE_ENABLED", &WRITE_CACHE_ENABLED),
    ("ID_ATA_ROTATION_RATE_RPM", &ROTATION_RATE),
];

const DATABASE: &str = "/run/udev/data";

pub static SPEC: Spec = Spec {
    name: "udev",
    about: "model, serial number, filesystem and device mapper of block devices",
    doc: "udev(7)",
    reads: &[diskstats::PATH, DATABASE, "/sys/block"],
    metrics: &[&INFO, &FILESYSTEM, &MAPPER, &WRITE_CACHE, &WRITE_CACHE_ENABLED, &ROTATION_RATE],
    every_ms: 60_000,
    settings: &diskstats::DEVICES,
    start: |settings| Box::new(Udev { devices: diskstats::wanted(settings) }),
    ..Spec::INLINE
};

struct Udev {
    devices: Filter,
}

impl Probe for Udev {
    /// Each device's file is opened anew: udev replaces files, it does not rewrite them.
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let table = host.read(diskstats::PATH)?.to_owned();
        for line in lines(diskstats::PATH, &table) {
            let Some((disk, _)) = diskstats::disk(line, &self.devices)? else { continue };
            let database = read(host, &format!("{DATABASE}/b{}:{}", disk.major, disk.minor), out);
            // Names such as cciss/c0d0 have their slash replaced in /sys.
            let rotational = format!("/sys/block/{}/queue/rotational", disk.name.replace('/', "!"));
            push(disk, read(host, &rotational, out).trim(), Properties(&database), out);
        }
        Ok(())
    }
}

/// A device that udev or sysfs does not know is an ordinary thing; one that it hides is worth a word.
fn read(host: &Host, path: &str, out: &mut Batch) -> String {
    match host.bytes(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(Fault::Missing { .. }) => String::new(),
        Err(fault) => {
            out.push_gap(path, fault.reason(), "");
            String::new()
        }
    }
}

fn push(disk: Disk<'_>, rotational: &str, known: Properties<'_>, out: &mut Batch) {
    let device = disk.name;
    // The number on the label of the disk, or what comes nearest to it.
    let serials = ["SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"].map(|key| known.value(key));
    let labels = [
        device,
        disk.major,
        disk.minor,
        known.value("ID_MODEL"),
        known.value("ID_PATH"),
        known.value("ID_REVISION"),
        // node_exporter has no other word for a device without a queue, such as a partition.
        if rotational.is_empty() { "0" } else { rotational },
        serials.into_iter().find(|serial| !serial.is_empty()).unwrap_or(""),
        known.value("ID_WWN"),
    ];
    out.push(&INFO, &labels, 1.0);
    push_content(device, known, out);
    push_ata(device, known, out);
}

fn push_content(device: &str, known: Properties<'_>, out: &mut Batch) {
    let kind = known.value("ID_FS_TYPE");
    if !kind.is_empty() {
        let [usage, uuid, version] =
            ["ID_FS_USAGE", "ID_FS_UUID", "ID_FS_VERSION"].map(|key| known.value(key));
        out.push(&FILESYSTEM, &[device, kind, usage, uuid, version], 1.0);
    }
    let name = known.value("DM_NAME");
    if !name.is_empty() {
        let [layer, volume, uuid, group] =
            ["DM_LV_LAYER", "DM_LV_NAME", "DM_UUID", "DM_VG_NAME"].map(|key| known.value(key));
        out.push(&MAPPER, &[device, layer, volume, name, uuid, group], 1.0);
    }
}

fn push_ata(device: &str, known: Properties<'_>, out: &mut Batch) {
    if known.value("ID_ATA").is_empty() {
        return;
    }
    for (key, metric) in &ATA {
        if let Ok(value) = known.value(key).parse::<u32>() {
            out.push(metric, &[device], f64::from(value));
        }
    }
}

/// What udev wrote down about one device.
#[derive(Clone, Copy)]
struct Properties<'a>(&'a str);

impl<'a> Properties<'a> {
    /// The value of the line `E:KEY=value`; empty when there is none.
    fn value(self, key: &str) -> &'a str {
        let mut pairs = self.0.lines().filter_map(|line| line.strip_prefix("E:")?.split_once('='));
        pairs.find(|(name, _)| *name == key).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    fn parse(known: &str, out: &mut Batch) -> Result<(), Fault> {
        push(Disk { major: "8", minor: "0", name: "sda" }, "1", Properties(known), out);
        Ok(())
    }

    #[test]
    fn an_ata_disk_under_lvm() {
        check(
            parse,
            "S:disk/by-id/ata-TOSHIBA\nI:73815117\nE:ID_ATA=1\nE:ID_MODEL=TOSHIBA_KSDB4U86\nE:ID_REVISION=0102\n\
             E:ID_SERIAL_SHORT=SHORT\nE:ID_ATA_WRITE_CACHE=1\nE:ID_ATA_WRITE_CACHE_ENABLED=0\n\
             E:ID_ATA_ROTATION_RATE_RPM=7200\nE:ID_WWN=0x7c7\nE:ID_PATH=pci-0000:3b\nE:ID_FS_UUID=cVVv6j\n\
             E:ID_FS_VERSION=LVM2 001\nE:ID_FS_TYPE=LVM2_member\nE:ID_FS_USAGE=raid\nE:SCSI_IDENT_SERIAL=2160A0D5FVGG\n",
            expect![[r#"
                node_disk_info{device="sda",major="8",minor="0",model="TOSHIBA_KSDB4U86",path="pci-0000:3b",revision="0102",rotational="1",serial="2160A0D5FVGG",wwn="0x7c7"} 1
                node_disk_filesystem_info{device="sda",type="LVM2_member",usage="raid",uuid="cVVv6j",version="LVM2 001"} 1
                node_disk_ata_write_cache{device="sda"} 1
                node_disk_ata_write_cache_enabled{device="sda"} 0
                node_disk_ata_rotation_rate_rpm{device="sda"} 7200
            "#]],
        );
    }

    #[test]
    fn a_mapped_device() {
        check(
            parse,
            "E:DM_NAME=system-root\nE:DM_UUID=LVM-NWEDo8\nE:DM_VG_NAME=system\nE:DM_LV_NAME=root\n",
            expect![[r#"
                node_disk_info{device="sda",major="8",minor="0",model="",path="",revision="",rotational="1",serial="",wwn=""} 1
                node_disk_device_mapper_info{device="sda",lv_layer="",lv_name="root",name="system-root",uuid="LVM-NWEDo8",vg_name="system"} 1
            "#]],
        );
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        check(
            parse,
            "E:ID_ATA=1\nE:ID_ATA_ROTATION_RATE_RPM=fast\nE:\nE:=\nID_MODEL=x\n",
            expect![[r#"
            node_disk_info{device="sda",major="8",minor="0",model="",path="",revision="",rotational="1",serial="",wwn=""} 1
        "#]],
        );
    }
}
