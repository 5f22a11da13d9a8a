//! Queueing disciplines: what each network device has sent, dropped and holds back.

mod captured;
mod live;

use crate::{Fault, Filter, Host, Preset, Setting, Spec};
use hostward_model::{Batch, Metric};

const LABELS: &[&str] = &["device", "kind"];

static BYTES: Metric = Metric::counter("node_qdisc_bytes_total", "Number of bytes sent.", LABELS);
static PACKETS: Metric = Metric::counter("node_qdisc_packets_total", "Number of packets sent.", LABELS);
static DROPS: Metric = Metric::counter("node_qdisc_drops_total", "Number of packets dropped.", LABELS);
static REQUEUES: Metric = Metric::counter(
    "node_qdisc_requeues_total",
    "Number of packets dequeued, not transmitted, and requeued.",
    LABELS,
);
static OVERLIMITS: Metric =
    Metric::counter("node_qdisc_overlimits_total", "Number of overlimit packets.", LABELS);
static LENGTH: Metric = Metric::gauge(
    "node_qdisc_current_queue_length",
    "Number of packets currently in queue to be sent.",
    LABELS,
);
static BACKLOG: Metric =
    Metric::gauge("node_qdisc_backlog", "Number of bytes currently in queue to be sent.", LABELS);

/// Disciplines of more devices than this are left out, and a gap says so.
const DEVICES_MAX: usize = 1024;

static SETTINGS: [Setting; 2] = [
    Setting {
        name: "device_include",
        about: "Only devices with such a name are watched.",
        default: Preset::Pattern(""),
    },
    Setting {
        name: "device_exclude",
        about: "Devices with such a name are not watched.",
        default: Preset::Pattern(""),
    },
];

pub static SPEC: Spec = Spec {
    name: "qdisc",
    about: "queueing disciplines of network devices; needs AF_NETLINK",
    doc: "tc(8)",
    reads: &[captured::PATH],
    metrics: &[&BYTES, &PACKETS, &DROPS, &REQUEUES, &OVERLIMITS, &LENGTH, &BACKLOG],
    every_ms: 5_000,
    enabled: false,
    settings: &SETTINGS,
    start: |settings| {
        let filter = settings.filter("device_include", "device_exclude");
        Box::new(move |host: &mut Host, out: &mut Batch| collect(host, &filter, out))
    },
    ..Spec::ASIDE
};

/// The discipline at the root of a device.
#[derive(Debug, Default, PartialEq)]
struct Discipline {
    device: String,
    kind: String,
    bytes: u64,
    packets: u64,
    drops: u64,
    requeues: u64,
    overlimits: u64,
    packets_queued: u64,
    bytes_queued: u64,
}

fn collect(host: &mut Host, filter: &Filter, out: &mut Batch) -> Result<(), Fault> {
    let all = if host.is_live() { live::disciplines()? } else { captured::disciplines(host)? };
    let wanted = all.iter().filter(|discipline| filter.takes(&discipline.device));
    if wanted.clone().count() > DEVICES_MAX {
        out.push_gap("node_qdisc_*", "the first 1024 devices are watched, the others are not", "");
    }
    wanted.take(DEVICES_MAX).for_each(|discipline| discipline.push(out));
    Ok(())
}

impl Discipline {
    fn push(&self, out: &mut Batch) {
        let values = [
            (&BYTES, self.bytes),
            (&PACKETS, self.packets),
            (&DROPS, self.drops),
            (&REQUEUES, self.requeues),
            (&OVERLIMITS, self.overlimits),
            (&LENGTH, self.packets_queued),
            (&BACKLOG, self.bytes_queued),
        ];
        values
            .iter()
            .for_each(|(metric, value)| out.push(metric, &[&self.device, &self.kind], *value as f64));
    }
}
