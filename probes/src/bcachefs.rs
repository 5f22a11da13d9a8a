//! bcachefs: what its file systems and their devices count.

mod parse;

use crate::attributes::{self, Attribute};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const UUID: &[&str] = &["uuid"];
const DEVICE: &[&str] = &["device", "uuid"];

static INFO: Metric =
    Metric::gauge("node_bcachefs_info", "A bcachefs file system; the value is always 1.", UUID);
static TREE_CACHE: Metric =
    Metric::gauge("node_bcachefs_btree_cache_size_bytes", "Memory that caches B-trees.", UUID);
static COMPRESSED: Metric = Metric::gauge(
    "node_bcachefs_compression_compressed_bytes",
    "Bytes of compressed data on the devices, by algorithm.",
    &["algorithm", "uuid"],
);
static UNCOMPRESSED: Metric = Metric::gauge(
    "node_bcachefs_compression_uncompressed_bytes",
    "Bytes of the same data before compression, by algorithm.",
    &["algorithm", "uuid"],
);
static ERRORS: Metric = Metric::counter(
    "node_bcachefs_errors_total",
    "Inconsistencies found in the file system, by type.",
    &["error_type", "uuid"],
);
static TREE_WRITES: Metric = Metric::counter(
    "node_bcachefs_btree_writes_total",
    "Writes of B-tree nodes, by type.",
    &["type", "uuid"],
);
static TREE_WRITE_SIZE: Metric = Metric::gauge(
    "node_bcachefs_btree_write_average_size_bytes",
    "Size of writes of B-tree nodes on average, by type.",
    &["type", "uuid"],
);
static COUNTER: Metric = Metric::counter(
    "node_bcachefs_*_total",
    "Counter of bcachefs since the file system was made; some count events, some bytes.",
    UUID,
);
static DEVICE_INFO: Metric = Metric::gauge(
    "node_bcachefs_device_info",
    "A device of the file system and its states, the one that holds in brackets; the value is always 1.",
    &["device", "label", "state", "uuid"],
);
static BUCKET_SIZE: Metric =
    Metric::gauge("node_bcachefs_device_bucket_size_bytes", "Size of a bucket in bytes.", DEVICE);
static BUCKETS: Metric = Metric::gauge("node_bcachefs_device_buckets", "Buckets of a device.", DEVICE);
static DURABILITY: Metric = Metric::gauge(
    "node_bcachefs_device_durability",
    "As how many replicas a copy on the device counts.",
    DEVICE,
);
static IO_DONE: Metric = Metric::counter(
    "node_bcachefs_device_io_done_bytes_total",
    "Bytes read from or written to a device, by type of data.",
    &["data_type", "device", "operation", "uuid"],
);
static IO_ERRORS: Metric = Metric::counter(
    "node_bcachefs_device_io_errors_total",
    "Errors of a device since the file system was made, by type.",
    &["device", "type", "uuid"],
);

static NUMBERS: [Attribute; 2] = [("nbuckets", &BUCKETS, 1.0), ("durability", &DURABILITY, 1.0)];

const DIRECTORY: &str = "/sys/fs/bcachefs";
const FILESYSTEMS_MAX: usize = 64;
/// Names in a directory: devices and attributes, or counters, of which there are some hundred.
const NAMES_MAX: usize = 512;

pub static SPEC: Spec = Spec {
    name: "bcachefs",
    about: "counters, errors, compression and devices of bcachefs file systems",
    doc: "bcachefs(8)",
    reads: &[DIRECTORY],
    metrics: &[
        &INFO,
        &TREE_CACHE,
        &COMPRESSED,
        &UNCOMPRESSED,
        &ERRORS,
        &TREE_WRITES,
        &TREE_WRITE_SIZE,
        &COUNTER,
        &DEVICE_INFO,
        &BUCKET_SIZE,
        &BUCKETS,
        &DURABILITY,
        &IO_DONE,
        &IO_ERRORS,
    ],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let uuids = attributes::names(host, DIRECTORY, FILESYSTEMS_MAX, |_| true, out)?;
    uuids.iter().map(|uuid| push(host, uuid, out)).fold(Ok(()), Result::and)
}

/// Reads the text of a file.
type Parse = fn(&str, &str, &[&str], &mut Batch) -> Result<(), Fault>;

static FILES: [(&str, Parse); 4] = [
    ("btree_cache_size", |path, text, labels, out| parse::size(path, text, &TREE_CACHE, labels, out)),
    ("compression_stats", parse::compression),
    ("errors", parse::errors),
    ("btree_write_stats", parse::tree_writes),
];
static DEVICE_FILES: [(&str, Parse); 3] = [
    ("bucket_size", |path, text, labels, out| parse::size(path, text, &BUCKET_SIZE, labels, out)),
    ("io_done", parse::io_done),
    ("io_errors", parse::io_errors),
];

fn push(host: &mut Host, uuid: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/{uuid}");
    out.push(&INFO, &[uuid], 1.0);
    let mut result =
        read(host, &directory, &FILES, &[uuid], out).and(push_counters(host, &directory, uuid, out));
    let devices = attributes::names(host, &directory, NAMES_MAX, |name| name.starts_with("dev-"), out)?;
    for name in &devices {
        result =
            result.and(push_device(host, &format!("{directory}/{name}"), &name["dev-".len()..], uuid, out));
    }
    result
}

fn read(
    host: &mut Host,
    directory: &str,
    files: &[(&str, Parse)],
    labels: &[&str],
    out: &mut Batch,
) -> Result<(), Fault> {
    let mut read = |(file, parse): &(&str, Parse)| {
        let path = format!("{directory}/{file}");
        let text = host.attribute(format_args!("{path}"))?;
        text.map_or(Ok(()), |text| parse(&path, text, labels, out))
    };
    files.iter().map(&mut read).fold(Ok(()), Result::and)
}

/// A file for each counter, named as it.
fn push_counters(host: &mut Host, directory: &str, uuid: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{directory}/counters");
    let names = attributes::names_if_there(host, &directory, NAMES_MAX, |_| true, out)?;
    let mut read = |name: &String| {
        let path = format!("{directory}/{name}");
        let text = host.attribute(format_args!("{path}"))?;
        text.map_or(Ok(()), |text| parse::counter(&path, text, name, uuid, out))
    };
    names.iter().map(&mut read).fold(Ok(()), Result::and)
}

fn push_device(
    host: &mut Host,
    directory: &str,
    device: &str,
    uuid: &str,
    out: &mut Batch,
) -> Result<(), Fault> {
    let [label, state] = ["label", "state"].map(|file| attributes::label(host, directory, file));
    out.push(&DEVICE_INFO, &[device, &label, &state, uuid], 1.0);
    let numbers = attributes::push_each(host, directory, &NUMBERS, &[device, uuid], out);
    numbers.and(read(host, directory, &DEVICE_FILES, &[device, uuid], out))
}
