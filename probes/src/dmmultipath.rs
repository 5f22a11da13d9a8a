//! Multipath devices of the device mapper and the state of their paths.

use crate::attributes::{self, number, text};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const LABELS: &[&str] = &["device", "sysfs_name"];

static INFO: Metric = Metric::gauge(
    "node_dmmultipath_device_info",
    "A multipath device; the value is always 1.",
    &["device", "sysfs_name", "uuid"],
);
static ACTIVE: Metric = Metric::gauge(
    "node_dmmultipath_device_active",
    "Whether a multipath device is active (1) or suspended (0).",
    LABELS,
);
static SIZE: Metric =
    Metric::gauge("node_dmmultipath_device_size_bytes", "Size of a multipath device in bytes.", LABELS);
static PATHS: Metric = Metric::gauge("node_dmmultipath_device_paths", "Paths of a multipath device.", LABELS);
static PATHS_ACTIVE: Metric = Metric::gauge(
    "node_dmmultipath_device_paths_active",
    "Paths of a multipath device that can be used: SCSI running, NVMe live.",
    LABELS,
);
static PATHS_FAILED: Metric = Metric::gauge(
    "node_dmmultipath_device_paths_failed",
    "Paths of a multipath device that cannot be used.",
    LABELS,
);
static STATE: Metric = Metric::gauge(
    "node_dmmultipath_path_state",
    "State of the device under a path, as /sys/block/<dev>/device/state says; the value is always 1.",
    &["device", "path", "state"],
);

const DIRECTORY: &str = "/sys/block";
const DEVICES_MAX: usize = 8192;
const PATHS_MAX: usize = 256;
/// What multipathd begins the UUIDs of its devices with.
const UUID_START: &str = "mpath-";
/// The unit of `size`, whatever the device has.
const SECTOR: f64 = 512.0;

pub static SPEC: Spec = Spec {
    name: "dmmultipath",
    about: "multipath devices and the state of their paths",
    doc: "multipath(8)",
    reads: &[DIRECTORY],
    metrics: &[&INFO, &ACTIVE, &SIZE, &PATHS, &PATHS_ACTIVE, &PATHS_FAILED, &STATE],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let devices = attributes::names(host, DIRECTORY, DEVICES_MAX, |name| name.starts_with("dm-"), out)?;
    devices.iter().map(|device| push(host, device, out)).fold(Ok(()), Result::and)
}

/// Volumes of LVM and encrypted disks are devices of the mapper, too.
fn push(host: &mut Host, device: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/{device}");
    let Some(uuid) = text(host, &format!("{directory}/dm/uuid"))?.filter(|uuid| uuid.starts_with(UUID_START))
    else {
        return Ok(());
    };
    let name = text(host, &format!("{directory}/dm/name"))?.unwrap_or_default();
    out.push(&INFO, &[&name, device, &uuid], 1.0);
    if let Some(suspended) = number(host, &format!("{directory}/dm/suspended"))? {
        out.push(&ACTIVE, &[&name, device], f64::from(suspended == 0.0));
    }
    if let Some(sectors) = number(host, &format!("{directory}/size"))? {
        out.push(&SIZE, &[&name, device], sectors * SECTOR);
    }
    push_paths(host, device, &name, out)
}

fn push_paths(host: &mut Host, device: &str, name: &str, out: &mut Batch) -> Result<(), Fault> {
    let paths = attributes::names(host, &format!("{DIRECTORY}/{device}/slaves"), PATHS_MAX, |_| true, out)?;
    let mut active = 0;
    for path in &paths {
        // A path whose device is going away has no state any more.
        let state = text(host, &format!("{DIRECTORY}/{path}/device/state"))?;
        let state = state.as_deref().unwrap_or("unknown");
        active += usize::from(["running", "live"].contains(&state));
        out.push(&STATE, &[name, path, state], 1.0);
    }
    let labels = [name, device];
    out.push(&PATHS, &labels, paths.len() as f64);
    out.push(&PATHS_ACTIVE, &labels, active as f64);
    out.push(&PATHS_FAILED, &labels, (paths.len() - active) as f64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;

    #[test]
    fn a_multipath_device_beside_a_volume() {
        let tree = Tree::new(&[
            ("/sys/block/dm-0/dm/uuid", "LVM-abc\n"),
            ("/sys/block/dm-0/slaves/sda", ""),
            ("/sys/block/dm-5/dm/uuid", "mpath-3600\n"),
            ("/sys/block/dm-5/dm/name", "mpath a\n"),
            ("/sys/block/dm-5/dm/suspended", "1\n"),
            ("/sys/block/dm-5/size", "big\n"),
            ("/sys/block/dm-6/dm/uuid", "mpath-3601\n"),
            ("/sys/block/dm-6/dm/name", "mpathb\n"),
            ("/sys/block/dm-6/size", "2\n"),
            ("/sys/block/dm-6/slaves/sda", ""),
            ("/sys/block/dm-6/slaves/sdb", ""),
            ("/sys/block/dm-6/slaves/nvme0n1", ""),
            ("/sys/block/sda/device/state", "running\n"),
            ("/sys/block/sdb/device/state", "transport-offline\n"),
        ]);
        expect![[r#"
            node_dmmultipath_device_info{device="mpath a",sysfs_name="dm-5",uuid="mpath-3600"} 1
            node_dmmultipath_device_active{device="mpath a",sysfs_name="dm-5"} 0
            node_dmmultipath_device_info{device="mpathb",sysfs_name="dm-6",uuid="mpath-3601"} 1
            node_dmmultipath_device_size_bytes{device="mpathb",sysfs_name="dm-6"} 1024
            node_dmmultipath_path_state{device="mpathb",path="nvme0n1",state="unknown"} 1
            node_dmmultipath_path_state{device="mpathb",path="sda",state="running"} 1
            node_dmmultipath_path_state{device="mpathb",path="sdb",state="transport-offline"} 1
            node_dmmultipath_device_paths{device="mpathb",sysfs_name="dm-6"} 3
            node_dmmultipath_device_paths_active{device="mpathb",sysfs_name="dm-6"} 1
            node_dmmultipath_device_paths_failed{device="mpathb",sysfs_name="dm-6"} 2
            fault malformed: /sys/block/dm-5/size:1: expected a whole number, found "big"
        "#]]
        .assert_eq(&tree.shown(&SPEC));
    }
}
