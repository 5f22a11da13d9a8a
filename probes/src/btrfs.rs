//! Btrfs: space by kind and profile, devices and their errors, commits.

use crate::attributes::{self, Attribute, number, text};
use crate::words::lines;
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const UUID: &[&str] = &["uuid"];
const MODE: &[&str] = &["block_group_type", "mode", "uuid"];
const MEMBER: &[&str] = &["devid", "uuid"];

static INFO: Metric = Metric::gauge(
    "node_btrfs_info",
    "A btrfs file system and its label; the value is always 1.",
    &["label", "uuid"],
);
static RESERVE: Metric =
    Metric::gauge("node_btrfs_global_rsv_size_bytes", "Size of the global reserve in bytes.", UUID);
static RESERVED: Metric = Metric::gauge(
    "node_btrfs_reserved_bytes",
    "Bytes reserved for a kind of data.",
    &["block_group_type", "uuid"],
);
static SIZE: Metric =
    Metric::gauge("node_btrfs_size_bytes", "Bytes allocated for a kind of data in a profile.", MODE);
static USED: Metric = Metric::gauge("node_btrfs_used_bytes", "Bytes in use of what is allocated.", MODE);
static RATIO: Metric = Metric::gauge(
    "node_btrfs_allocation_ratio",
    "Bytes on the devices for each byte of a kind of data in a profile.",
    MODE,
);
static DEVICE_SIZE: Metric = Metric::gauge(
    "node_btrfs_device_size_bytes",
    "Size of a device of the file system.",
    &["device", "uuid"],
);
static COMMITS: Metric = Metric::counter("node_btrfs_commits_total", "Transactions committed.", UUID);
static COMMIT_TIME: Metric =
    Metric::counter("node_btrfs_commit_seconds_total", "Time that commits took in all.", UUID);
static COMMIT_LAST: Metric =
    Metric::gauge("node_btrfs_last_commit_seconds", "Time that the latest commit took.", UUID);
static COMMIT_MAX: Metric =
    Metric::gauge("node_btrfs_max_commit_seconds", "Time that the slowest commit took.", UUID);
static ERRORS: Metric = Metric::counter(
    "hostward_btrfs_device_errors_total",
    "Errors of a device since its counters were reset, by type; the device has the number that btrfs gave it.",
    &["devid", "type", "uuid"],
);
static MISSING: Metric = Metric::gauge(
    "hostward_btrfs_device_missing",
    "Whether a device of the file system is not there.",
    MEMBER,
);

static MEMBERS: [Attribute; 1] = [("missing", &MISSING, 1.0)];

/// Keys of `commit_stats`, and what a second has of their unit.
static COMMIT_STATS: [(&str, &Metric, f64); 4] = [
    ("commits", &COMMITS, 1.0),
    ("last_commit_ms", &COMMIT_LAST, 1000.0),
    ("max_commit_ms", &COMMIT_MAX, 1000.0),
    ("total_commit_ms", &COMMIT_TIME, 1000.0),
];

const DIRECTORY: &str = "/sys/fs/btrfs";
const FILESYSTEMS_MAX: usize = 256;
/// Devices, profiles and attributes in one directory.
const NAMES_MAX: usize = 1024;
/// The unit of `size`, whatever the device has.
const SECTOR: f64 = 512.0;

pub static SPEC: Spec = Spec {
    name: "btrfs",
    about: "space, devices, errors and commits of btrfs file systems",
    doc: "btrfs(5)",
    reads: &[DIRECTORY],
    metrics: &[
        &INFO,
        &RESERVE,
        &RESERVED,
        &SIZE,
        &USED,
        &RATIO,
        &DEVICE_SIZE,
        &COMMITS,
        &COMMIT_TIME,
        &COMMIT_LAST,
        &COMMIT_MAX,
        &ERRORS,
        &MISSING,
    ],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

/// Beside a directory for each file system there is `features` for all.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let directories = attributes::names(host, DIRECTORY, FILESYSTEMS_MAX, |name| name.contains('-'), out)?;
    directories
        .iter()
        .map(|name| push(host, &format!("{DIRECTORY}/{name}"), name, out))
        .fold(Ok(()), Result::and)
}

/// The directory has the name of the UUID that a user gave last; programs know the one in the metadata.
fn push(host: &mut Host, directory: &str, name: &str, out: &mut Batch) -> Result<(), Fault> {
    let uuid = text(host, &format!("{directory}/metadata_uuid"))?.filter(|uuid| !uuid.is_empty());
    let uuid = uuid.as_deref().unwrap_or(name);
    let label = text(host, &format!("{directory}/label"))?.unwrap_or_default();
    out.push(&INFO, &[&label, uuid], 1.0);
    let devices = push_devices(host, directory, uuid, out)?;
    let reserve = attributes::push_each(
        host,
        &format!("{directory}/allocation"),
        &[("global_rsv_size", &RESERVE, 1.0)],
        &[uuid],
        out,
    );
    let kinds = ["data", "metadata", "system"]
        .map(|kind| push_kind(host, &format!("{directory}/allocation/{kind}"), kind, devices, uuid, out));
    let parts = [push_commits(host, directory, uuid, out), push_members(host, directory, uuid, out)];
    kinds.into_iter().chain(parts).fold(reserve, Result::and)
}

/// How many devices there are.
fn push_devices(host: &mut Host, directory: &str, uuid: &str, out: &mut Batch) -> Result<usize, Fault> {
    let devices = names(host, &format!("{directory}/devices"), out)?;
    for device in &devices {
        if let Some(sectors) = number(host, &format!("{directory}/devices/{device}/size"))? {
            out.push(&DEVICE_SIZE, &[device, uuid], sectors * SECTOR);
        }
    }
    Ok(devices.len())
}

/// Attributes of the kind, and a directory for each profile that it uses.
fn push_kind(
    host: &mut Host,
    directory: &str,
    kind: &str,
    devices: usize,
    uuid: &str,
    out: &mut Batch,
) -> Result<(), Fault> {
    let result =
        attributes::push_each(host, directory, &[("bytes_reserved", &RESERVED, 1.0)], &[kind, uuid], out);
    let modes = names(host, directory, out)?;
    let mut push = |mode: &String| {
        let labels = [kind, mode, uuid];
        let files = [("total_bytes", &SIZE, 1.0), ("used_bytes", &USED, 1.0)];
        attributes::push_each(host, &format!("{directory}/{mode}"), &files, &labels, out)?;
        if let Some(ratio) = ratio(mode, devices as f64) {
            out.push(&RATIO, &labels, ratio);
        }
        Ok(())
    };
    let modes = modes.iter().filter(|mode| ratio(mode, 4.0).is_some());
    modes.map(&mut push).fold(result, Result::and)
}

/// Copies of each byte, or the share of parity over all devices; nothing for what is no profile.
fn ratio(mode: &str, devices: f64) -> Option<f64> {
    match mode {
        "single" | "raid0" => Some(1.0),
        "dup" | "raid1" | "raid10" => Some(2.0),
        "raid1c3" => Some(3.0),
        "raid1c4" => Some(4.0),
        "raid5" if devices > 1.0 => Some(devices / (devices - 1.0)),
        "raid6" if devices > 2.0 => Some(devices / (devices - 2.0)),
        _ => None,
    }
}

/// `commits 3`, `last_commit_ms 10` and so on, since Linux 6.1.
fn push_commits(host: &mut Host, directory: &str, uuid: &str, out: &mut Batch) -> Result<(), Fault> {
    let path = format!("{directory}/commit_stats");
    let Some(text) = host.attribute(format_args!("{path}"))? else { return Ok(()) };
    for mut line in lines(&path, text) {
        let key = line.word().unwrap_or("");
        if let Some((_, metric, divisor)) = COMMIT_STATS.iter().find(|(name, ..)| *name == key) {
            out.push(metric, &[uuid], line.count()? / divisor);
        }
    }
    Ok(())
}

/// `devinfo/1/error_stats`, since Linux 5.14: what `btrfs device stats` prints, without its rights.
fn push_members(host: &mut Host, directory: &str, uuid: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut result = Ok(());
    for member in names(host, &format!("{directory}/devinfo"), out)? {
        let own = format!("{directory}/devinfo/{member}");
        result = result
            .and(attributes::push_each(host, &own, &MEMBERS, &[&member, uuid], out))
            .and(push_errors(host, &format!("{own}/error_stats"), &member, uuid, out));
    }
    result
}

/// `write_errs 0` and four more; `invalid` for a device that is missing.
fn push_errors(host: &mut Host, path: &str, member: &str, uuid: &str, out: &mut Batch) -> Result<(), Fault> {
    let Some(text) = host.attribute(format_args!("{path}"))? else { return Ok(()) };
    for mut line in lines(path, text) {
        if let Some(kind) = line.word().and_then(|word| word.strip_suffix("_errs")) {
            out.push(&ERRORS, &[member, kind, uuid], line.count()?);
        }
    }
    Ok(())
}

/// No names where the kernel has no such directory.
fn names(host: &Host, directory: &str, out: &mut Batch) -> Result<Vec<String>, Fault> {
    attributes::names_if_there(host, directory, NAMES_MAX, |_| true, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;

    #[test]
    fn a_file_system_with_a_missing_device_and_broken_files() {
        let own = "/sys/fs/btrfs/0abb-1";
        let file = |path: &str| format!("{own}/{path}");
        let files = [
            (file("label"), "my \"data\"\n"),
            (file("devices/sda/size"), "2048\n"),
            (file("devices/sdb/size"), "2048\n"),
            (file("allocation/global_rsv_size"), "much\n"),
            (file("allocation/data/bytes_reserved"), "7\n"),
            (file("allocation/data/raid1/total_bytes"), "100\n"),
            (file("allocation/data/raid1/used_bytes"), "50\n"),
            (file("allocation/metadata/raid6/total_bytes"), "30\n"),
            (file("commit_stats"), "commits 3\nlast_commit_ms 10\nmax_commit_ms 1500\ntotal_commit_ms x\n"),
            (file("devinfo/1/error_stats"), "write_errs 1\nread_errs 2\n"),
            (file("devinfo/1/missing"), "0\n"),
            (file("devinfo/2/error_stats"), "invalid\n"),
            (file("devinfo/2/missing"), "1\n"),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let tree = Tree::new(&files);
        tree.write("/sys/fs/btrfs/features/raid56", "0\n");
        expect![[r#"
            node_btrfs_info{label="my \"data\"",uuid="0abb-1"} 1
            node_btrfs_device_size_bytes{device="sda",uuid="0abb-1"} 1048576
            node_btrfs_device_size_bytes{device="sdb",uuid="0abb-1"} 1048576
            node_btrfs_reserved_bytes{block_group_type="data",uuid="0abb-1"} 7
            node_btrfs_size_bytes{block_group_type="data",mode="raid1",uuid="0abb-1"} 100
            node_btrfs_used_bytes{block_group_type="data",mode="raid1",uuid="0abb-1"} 50
            node_btrfs_allocation_ratio{block_group_type="data",mode="raid1",uuid="0abb-1"} 2
            node_btrfs_size_bytes{block_group_type="metadata",mode="raid6",uuid="0abb-1"} 30
            node_btrfs_commits_total{uuid="0abb-1"} 3
            node_btrfs_last_commit_seconds{uuid="0abb-1"} 0.01
            node_btrfs_max_commit_seconds{uuid="0abb-1"} 1.5
            hostward_btrfs_device_missing{devid="1",uuid="0abb-1"} 0
            hostward_btrfs_device_errors_total{devid="1",type="write",uuid="0abb-1"} 1
            hostward_btrfs_device_errors_total{devid="1",type="read",uuid="0abb-1"} 2
            hostward_btrfs_device_missing{devid="2",uuid="0abb-1"} 1
            fault malformed: /sys/fs/btrfs/0abb-1/allocation/global_rsv_size:1: expected a whole number, found "much"
        "#]]
.assert_eq(&tree.shown(&SPEC));
    }

    #[test]
    fn ratios_of_profiles() {
        let cases = [("single", 1.0), ("dup", 2.0), ("raid1c4", 4.0), ("raid5", 1.5), ("raid6", 3.0)];
        for (mode, expected) in cases {
            assert_eq!(ratio(mode, 3.0), Some(expected), "{mode}");
        }
        assert_eq!([ratio("raid5", 1.0), ratio("raid6", 2.0), ratio("bytes_used", 3.0)], [None; 3]);
    }
}
