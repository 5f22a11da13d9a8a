//! Software RAID: arrays, their disks, and what is being rebuilt.
//!
//! `/proc/mdstat` says most; what sysfs says is of the same arrays, but only there a degraded array is called so.

mod array;

use crate::attributes::{self, Attribute};
use crate::{Fault, Host, Spec};
use array::Array;
use hostward_model::{Batch, Metric};

const DEVICE: &[&str] = &["device"];
const STATE: &[&str] = &["device", "state"];

static STATES: Metric = Metric::gauge("node_md_state", "What an array is doing: 1 for its state.", STATE);
static DISKS: Metric =
    Metric::gauge("node_md_disks", "Disks of an array that are active, failed or spare.", STATE);
static REQUIRED: Metric =
    Metric::gauge("node_md_disks_required", "Disks that an array needs to be complete.", DEVICE);
static BLOCKS: Metric = Metric::gauge("node_md_blocks", "Blocks of an array, of 1024 bytes each.", DEVICE);
static SYNCED: Metric =
    Metric::gauge("node_md_blocks_synced", "Blocks of an array that are in sync.", DEVICE);
static RAID_DISKS: Metric = Metric::gauge("node_md_raid_disks", "Disks that an array was made for.", DEVICE);
static DEGRADED: Metric = Metric::gauge("node_md_degraded", "Disks that an array lacks.", DEVICE);

static ATTRIBUTES: [Attribute; 2] = [("degraded", &DEGRADED, 1.0), ("raid_disks", &RAID_DISKS, 1.0)];

const PATH: &str = "/proc/mdstat";
const DIRECTORY: &str = "/sys/block";
const DEVICES_MAX: usize = 8192;
const ARRAYS_MAX: usize = 512;

pub static SPEC: Spec = Spec {
    name: "mdadm",
    about: "arrays of software RAID, their disks, and how far a rebuild is",
    doc: "md(4)",
    reads: &[PATH, DIRECTORY],
    metrics: &[&STATES, &DISKS, &REQUIRED, &BLOCKS, &SYNCED, &RAID_DISKS, &DEGRADED],
    // Attributes of an array are read under its lock, which a reshape that is stuck may hold.
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let table = parse(host.read(PATH)?, out);
    let attributes = push_attributes(host, out);
    table.and(attributes)
}

/// `Personalities`, then each array with the lines below it, then `unused devices`.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    if !text.starts_with("Personalities") {
        let word = text.split_whitespace().next().unwrap_or("");
        return Err(Fault::malformed(PATH, 1, word, "Personalities"));
    }
    let (arrays, result) = read_arrays(text);
    if let Some(rest @ 1..) = arrays.len().checked_sub(ARRAYS_MAX) {
        out.push_gap(PATH, &format!("{rest} arrays beyond the bound of {ARRAYS_MAX}"), "");
    }
    arrays.iter().take(ARRAYS_MAX).for_each(|array| push(array, out));
    result
}

/// One array that makes no sense does not hide the others.
fn read_arrays(text: &str) -> (Vec<Array<'_>>, Result<(), Fault>) {
    let (mut arrays, mut result) = (Vec::<Array<'_>>::new(), Ok(()));
    // Lines below one that makes no sense belong to nothing.
    let mut is_open = false;
    for (line, number) in text.lines().zip(1..) {
        let read = match arrays.last_mut() {
            Some(array) if line.starts_with([' ', '\t']) && is_open => array.take(line),
            _ => Array::begin(line).map(|array| {
                is_open = array.is_some();
                arrays.extend(array);
            }),
        };
        let fault = |(word, expected)| Fault::malformed(PATH, number, word, expected);
        result = result.and(read.map_err(fault));
    }
    (arrays, result)
}

fn push(array: &Array<'_>, out: &mut Batch) {
    let doing = array.doing();
    for state in ["active", "inactive", "recovering", "resync", "check"] {
        out.push(&STATES, &[array.name, state], f64::from(state == doing));
    }
    // node_exporter has no word for it, so it is there only while it holds.
    if doing == "reshape" {
        out.push(&STATES, &[array.name, doing], 1.0);
    }
    if let Some((active, required)) = array.disks() {
        out.push(&DISKS, &[array.name, "active"], active);
        out.push(&REQUIRED, &[array.name], required);
    }
    out.push(&DISKS, &[array.name, "failed"], array.failed);
    out.push(&DISKS, &[array.name, "spare"], array.spare);
    let amounts = [(&BLOCKS, array.blocks), (&SYNCED, array.synced())];
    amounts.into_iter().for_each(|(metric, value)| {
        value.into_iter().for_each(|value| out.push(metric, &[array.name], value));
    });
}

/// An array without redundancy has no `degraded`: it cannot lack a disk and run.
fn push_attributes(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let is_array = |name: &str| name.starts_with("md");
    let devices = attributes::names_if_there(host, DIRECTORY, DEVICES_MAX, is_array, out)?;
    let mut push = |device: &String| {
        attributes::push_each(host, &format!("{DIRECTORY}/{device}/md"), &ATTRIBUTES, &[device], out)
    };
    devices.iter().map(&mut push).fold(Ok(()), Result::and)
}

#[cfg(test)]
mod tests;
