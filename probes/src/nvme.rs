//! NVMe controllers and their namespaces.

use crate::attributes::{self, number};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const NAMESPACE: &[&str] = &["device", "nsid"];

static INFO: Metric = Metric::gauge(
    "node_nvme_info",
    "What is not a number in /sys/class/nvme/<device>; the value is always 1.",
    &["cntlid", "device", "firmware_revision", "model", "serial", "state"],
);
static NAMESPACE_INFO: Metric = Metric::gauge(
    "node_nvme_namespace_info",
    "A namespace of a controller; the value is always 1.",
    &["ana_state", "device", "nsid"],
);
static CAPACITY: Metric = Metric::gauge(
    "node_nvme_namespace_capacity_bytes",
    "Capacity of a namespace: its size times its logical block size, as node_exporter computes it.",
    NAMESPACE,
);
static SIZE: Metric = Metric::gauge(
    "node_nvme_namespace_size_bytes",
    "Size of a namespace: /sys/class/nvme/<device>/<namespace>/size times its logical block size, as node_exporter computes it.",
    NAMESPACE,
);
static USED: Metric =
    Metric::gauge("node_nvme_namespace_used_bytes", "Bytes of a namespace that are in use.", NAMESPACE);
static BLOCK: Metric = Metric::gauge(
    "node_nvme_namespace_logical_block_size_bytes",
    "Size of a logical block of a namespace.",
    NAMESPACE,
);

const DIRECTORY: &str = "/sys/class/nvme";
const CONTROLLERS_MAX: usize = 256;
/// Names in the directory of a controller; some thirty are attributes.
const NAMES_MAX: usize = 256;

pub static SPEC: Spec = Spec {
    name: "nvme",
    about: "model, firmware and state of NVMe controllers, size and use of their namespaces",
    doc: "nvme(1)",
    reads: &[DIRECTORY],
    metrics: &[&INFO, &NAMESPACE_INFO, &CAPACITY, &SIZE, &USED, &BLOCK],
    // To read `nuse` new kernels ask the device.
    every_ms: 60_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let controllers = attributes::names(host, DIRECTORY, CONTROLLERS_MAX, |_| true, out)?;
    controllers.iter().map(|controller| push(host, controller, out)).fold(Ok(()), Result::and)
}

fn push(host: &mut Host, controller: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/{controller}");
    let files = ["cntlid", "firmware_rev", "model", "serial", "state"];
    let [id, firmware, model, serial, state] = files.map(|file| attributes::label(host, &directory, file));
    out.push(&INFO, &[&id, controller, &firmware, &model, &serial, &state], 1.0);
    let names = attributes::names(host, &directory, NAMES_MAX, |name| namespace(name).is_some(), out)?;
    names.iter().map(|name| push_namespace(host, controller, name, out)).fold(Ok(()), Result::and)
}

fn push_namespace(host: &mut Host, controller: &str, name: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/{controller}/{name}");
    let labels = [controller, namespace(name).unwrap_or("")];
    // Only a kernel with multipath knows which paths are optimized.
    let access = attributes::text(host, &format!("{directory}/ana_state"))?;
    out.push(&NAMESPACE_INFO, &[access.as_deref().unwrap_or("unknown"), labels[0], labels[1]], 1.0);
    let Some(block_bytes) = number(host, &format!("{directory}/queue/logical_block_size"))? else {
        return Ok(());
    };
    out.push(&BLOCK, &labels, block_bytes);
    if let Some(blocks) = number(host, &format!("{directory}/size"))? {
        out.push(&CAPACITY, &labels, blocks * block_bytes);
        out.push(&SIZE, &labels, blocks * block_bytes);
    }
    if let Some(blocks) = number(host, &format!("{directory}/nuse"))? {
        out.push(&USED, &labels, blocks * block_bytes);
    }
    Ok(())
}

/// The number of the namespace in `nvme0n1`, or in `nvme0c1n1` where it has several paths.
fn namespace(name: &str) -> Option<&str> {
    let (path, number) = name.strip_prefix("nvme")?.rsplit_once('n')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (path.split('c').all(is_number) && is_number(number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;

    #[test]
    fn only_namespaces_are_namespaces() {
        let cases = [("nvme0n1", Some("1")), ("nvme10c2n33", Some("33")), ("nvme0", None), ("nvmen1", None)];
        let more =
            [("nvme0n", None), ("nvme0n1p1", None), ("ng0n1", None), ("hwmon1", None), ("nvme0cn1", None)];
        for (name, number) in cases.into_iter().chain(more) {
            assert_eq!(namespace(name), number, "{name}");
        }
    }

    #[test]
    fn a_controller_with_a_path_and_one_without_namespaces() {
        let tree = Tree::new(&[
            ("/sys/class/nvme/nvme0/model", "Sam \"X\"   \n"),
            ("/sys/class/nvme/nvme0/state", "live\n"),
            ("/sys/class/nvme/nvme0/nvme0c0n2/queue/logical_block_size", "512\n"),
            ("/sys/class/nvme/nvme0/nvme0c0n2/size", "1000\n"),
            ("/sys/class/nvme/nvme0/nvme0c0n2/nuse", "some\n"),
            ("/sys/class/nvme/nvme1/serial", "S1\n"),
        ]);
        expect![[r#"
            node_nvme_info{cntlid="",device="nvme0",firmware_revision="",model="Sam \"X\"",serial="",state="live"} 1
            node_nvme_namespace_info{ana_state="unknown",device="nvme0",nsid="2"} 1
            node_nvme_namespace_logical_block_size_bytes{device="nvme0",nsid="2"} 512
            node_nvme_namespace_capacity_bytes{device="nvme0",nsid="2"} 512000
            node_nvme_namespace_size_bytes{device="nvme0",nsid="2"} 512000
            node_nvme_info{cntlid="",device="nvme1",firmware_revision="",model="",serial="S1",state=""} 1
            fault malformed: /sys/class/nvme/nvme0/nvme0c0n2/nuse:1: expected a whole number, found "some"
        "#]]
.assert_eq(&tree.shown(&SPEC));
    }
}
