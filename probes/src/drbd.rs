//! DRBD before version 9: state and traffic of replicated block devices.

use crate::words::{Line, lines};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const DEVICE: &[&str] = &["device"];
const NODE: &[&str] = &["device", "node"];

static SENT: Metric =
    Metric::counter("node_drbd_network_sent_bytes_total", "Bytes sent to the peer over the network.", DEVICE);
static RECEIVED: Metric = Metric::counter(
    "node_drbd_network_received_bytes_total",
    "What came from the peer over the network, counted as node_exporter counts it: the kernel's KiB are not multiplied.",
    DEVICE,
);
static WRITTEN: Metric =
    Metric::counter("node_drbd_disk_written_bytes_total", "Bytes written to the local disk.", DEVICE);
static READ: Metric =
    Metric::counter("node_drbd_disk_read_bytes_total", "Bytes read from the local disk.", DEVICE);
static ACTIVITY_LOG: Metric = Metric::counter(
    "node_drbd_activitylog_writes_total",
    "Updates of the activity log in the metadata.",
    DEVICE,
);
static BITMAP: Metric =
    Metric::counter("node_drbd_bitmap_writes_total", "Updates of the bitmap in the metadata.", DEVICE);
static LOCAL: Metric =
    Metric::gauge("node_drbd_local_pending", "Requests to the local disk that are open.", DEVICE);
static REMOTE: Metric =
    Metric::gauge("node_drbd_remote_pending", "Requests sent to the peer that it has not answered.", DEVICE);
static UNACKNOWLEDGED: Metric = Metric::gauge(
    "node_drbd_remote_unacknowledged",
    "Requests from the peer that have not been answered.",
    DEVICE,
);
static APPLICATION: Metric = Metric::gauge(
    "node_drbd_application_pending",
    "Requests from the host that DRBD has not answered.",
    DEVICE,
);
static EPOCHS: Metric = Metric::gauge("node_drbd_epochs", "Epochs that are on the way.", DEVICE);
static OUT_OF_SYNC: Metric =
    Metric::gauge("node_drbd_out_of_sync_bytes", "Bytes that are known to differ between the nodes.", DEVICE);
static PRIMARY: Metric =
    Metric::gauge("node_drbd_node_role_is_primary", "Whether the role of the node is primary.", NODE);
static UP_TO_DATE: Metric =
    Metric::gauge("node_drbd_disk_state_is_up_to_date", "Whether the disk of the node is up to date.", NODE);
static CONNECTED: Metric =
    Metric::gauge("node_drbd_connected", "Whether the device is connected to its peer.", DEVICE);

const KIB: f64 = 1024.0;

/// Keys of a device, and what their numbers are multiplied by.
static NUMBERS: [(&str, &Metric, f64); 12] = [
    ("ns", &SENT, KIB),
    ("nr", &RECEIVED, 1.0),
    ("dw", &WRITTEN, KIB),
    ("dr", &READ, KIB),
    ("al", &ACTIVITY_LOG, 1.0),
    ("bm", &BITMAP, 1.0),
    ("lo", &LOCAL, 1.0),
    ("pe", &REMOTE, 1.0),
    ("ua", &UNACKNOWLEDGED, 1.0),
    ("ap", &APPLICATION, 1.0),
    ("ep", &EPOCHS, 1.0),
    ("oos", &OUT_OF_SYNC, KIB),
];

const PATH: &str = "/proc/drbd";
/// `drbd` and the number of a device; minors have 20 bits.
const NAME_BYTES_MAX: usize = 11;

pub static SPEC: Spec = Spec {
    name: "drbd",
    about: "state and traffic of DRBD devices, before version 9",
    doc: "admin-guide/blockdev/drbd",
    reads: &[PATH],
    metrics: &[
        &SENT,
        &RECEIVED,
        &WRITTEN,
        &READ,
        &ACTIVITY_LOG,
        &BITMAP,
        &LOCAL,
        &REMOTE,
        &UNACKNOWLEDGED,
        &APPLICATION,
        &EPOCHS,
        &OUT_OF_SYNC,
        &PRIMARY,
        &UP_TO_DATE,
        &CONNECTED,
    ],
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// `KEY:VALUE` words; a number and a lone colon begin a device. Words of the heading belong to none.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut name = Name::default();
    for mut line in lines(PATH, text) {
        while let Some(word) = line.word() {
            let Some((key, value)) = word.split_once(':') else { continue };
            if value.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit()) {
                name = Name::of(key).ok_or_else(|| line.fault(word, "the number of a device"))?;
            } else if !name.text().is_empty() {
                push(name.text(), key, value, &line, out)?;
            }
        }
    }
    Ok(())
}

fn push(device: &str, key: &str, value: &str, line: &Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    if let Some((_, metric, factor)) = NUMBERS.iter().find(|(name, ..)| *name == key) {
        out.push(metric, &[device], line.as_count(value)? * factor);
    }
    match key {
        "cs" => out.push(&CONNECTED, &[device], is(value, "Connected")),
        "ro" => push_nodes(&PRIMARY, device, value, "Primary", line, out)?,
        "ds" => push_nodes(&UP_TO_DATE, device, value, "UpToDate", line, out)?,
        _ => {}
    }
    Ok(())
}

/// `Primary/Secondary`: this node, then its peer.
fn push_nodes(
    metric: &'static Metric,
    device: &str,
    value: &str,
    good: &str,
    line: &Line<'_>,
    out: &mut Batch,
) -> Result<(), Fault> {
    let (local, remote) = value.split_once('/').ok_or_else(|| line.fault(value, "two states and a slash"))?;
    out.push(metric, &[device, "local"], is(local, good));
    out.push(metric, &[device, "remote"], is(remote, good));
    Ok(())
}

fn is(state: &str, good: &str) -> f64 {
    f64::from(state == good)
}

/// The name of a device, made without an allocation.
#[derive(Default)]
struct Name {
    bytes: [u8; NAME_BYTES_MAX],
    length: usize,
}

impl Name {
    /// Nothing for a number that is empty or longer than a minor can be.
    fn of(number: &str) -> Option<Self> {
        let mut name = Name { length: 4 + number.len(), ..Name::default() };
        name.bytes[..4].copy_from_slice(b"drbd");
        name.bytes
            .get_mut(4..name.length)
            .filter(|room| !room.is_empty())?
            .copy_from_slice(number.as_bytes());
        Some(name)
    }

    fn text(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn a_device_that_lost_its_peer_and_one_that_is_not_configured() {
        check(
            parse,
            "version: 8.4.3 (api:1/proto:86-101)\nsrcversion: 1A9F77B1CA5FF92235C2213\n\n \
             0: cs:Unconfigured\n \
             1: cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----\n    \
             ns:17 nr:10 dw:28 dr:11 al:1 bm:2 lo:3 pe:4 ua:5 ap:6 ep:1 wo:d oos:12\n",
            expect![[r#"
                node_drbd_connected{device="drbd0"} 0
                node_drbd_connected{device="drbd1"} 0
                node_drbd_node_role_is_primary{device="drbd1",node="local"} 1
                node_drbd_node_role_is_primary{device="drbd1",node="remote"} 0
                node_drbd_disk_state_is_up_to_date{device="drbd1",node="local"} 1
                node_drbd_disk_state_is_up_to_date{device="drbd1",node="remote"} 0
                node_drbd_network_sent_bytes_total{device="drbd1"} 17408
                node_drbd_network_received_bytes_total{device="drbd1"} 10
                node_drbd_disk_written_bytes_total{device="drbd1"} 28672
                node_drbd_disk_read_bytes_total{device="drbd1"} 11264
                node_drbd_activitylog_writes_total{device="drbd1"} 1
                node_drbd_bitmap_writes_total{device="drbd1"} 2
                node_drbd_local_pending{device="drbd1"} 3
                node_drbd_remote_pending{device="drbd1"} 4
                node_drbd_remote_unacknowledged{device="drbd1"} 5
                node_drbd_application_pending{device="drbd1"} 6
                node_drbd_epochs{device="drbd1"} 1
                node_drbd_out_of_sync_bytes{device="drbd1"} 12288
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            " 1: cs:Connected ns:many\n",
            expect![[r#"
            node_drbd_connected{device="drbd1"} 1
            fault malformed: /proc/drbd:1: expected a whole number, found "many"
        "#]],
        );
        check(
            parse,
            " 1: ro:Primary\n",
            expect![[r#"
            fault malformed: /proc/drbd:1: expected two states and a slash, found "Primary"
        "#]],
        );
        check(
            parse,
            " 12345678: cs:Connected\n",
            expect![[r#"
            fault malformed: /proc/drbd:1: expected the number of a device, found "12345678:"
        "#]],
        );
        check(
            parse,
            " : ns:1\n",
            expect![[r#"
            fault malformed: /proc/drbd:1: expected the number of a device, found ":"
        "#]],
        );
    }
}
