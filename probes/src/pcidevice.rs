//! Devices on the PCI bus: what they are, how they are connected, and what power they draw.

mod names;

use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec, attributes};
use hostward_model::{Batch, Metric};
use names::Names;

const PLACE: &[&str] = &["segment", "bus", "device", "function"];

static INFO: Metric = Metric::gauge(
    "node_pcidevice_info",
    "What is not a number in /sys/bus/pci/devices/<location>; the value is always 1.",
    &[
        "segment",
        "bus",
        "device",
        "function",
        "parent_segment",
        "parent_bus",
        "parent_device",
        "parent_function",
        "class_id",
        "vendor_id",
        "device_id",
        "subsystem_vendor_id",
        "subsystem_device_id",
        "revision",
        "vendor_name",
        "device_name",
        "subsystem_vendor_name",
        "subsystem_device_name",
        "class_name",
    ],
);
static SPEED_MAX: Metric = Metric::gauge(
    "node_pcidevice_max_link_transfers_per_second",
    "Transfers in a second that the link of the device can do.",
    PLACE,
);
static SPEED: Metric = Metric::gauge(
    "node_pcidevice_current_link_transfers_per_second",
    "Transfers in a second that the link of the device does at present.",
    PLACE,
);
static WIDTH_MAX: Metric =
    Metric::gauge("node_pcidevice_max_link_width", "Lanes that the link of the device can have.", PLACE);
static WIDTH: Metric = Metric::gauge(
    "node_pcidevice_current_link_width",
    "Lanes that the link of the device has at present.",
    PLACE,
);
static D3COLD: Metric = Metric::gauge(
    "node_pcidevice_d3cold_allowed",
    "Whether the device may be switched off altogether; 0 or 1.",
    PLACE,
);
static AUTOPROBE: Metric = Metric::gauge(
    "node_pcidevice_sriov_drivers_autoprobe",
    "Whether drivers look for virtual functions of the device; 0 or 1.",
    PLACE,
);
static FUNCTIONS: Metric = Metric::gauge(
    "node_pcidevice_sriov_numvfs",
    "Virtual functions of the device that are switched on.",
    PLACE,
);
static FUNCTIONS_MAX: Metric =
    Metric::gauge("node_pcidevice_sriov_totalvfs", "Virtual functions that the device can have.", PLACE);
static VECTORS: Metric = Metric::gauge(
    "node_pcidevice_sriov_vf_total_msix",
    "Interrupts (MSI-X) that virtual functions of the device can share.",
    PLACE,
);
static NODE: Metric = Metric::gauge(
    "node_pcidevice_numa_node",
    "NUMA node that the device is at; absent when there is none.",
    PLACE,
);
static POWER: Metric = Metric::gauge(
    "node_pcidevice_power_state",
    "States of power that a device can be in: 1 for the one that it is in, 0 for the others.",
    &["segment", "bus", "device", "function", "state"],
);

const STATES: [&str; 7] = ["D0", "D1", "D2", "D3hot", "D3cold", "unknown", "error"];

static NUMBERS: [(&str, &Metric); 8] = [
    ("max_link_width", &WIDTH_MAX),
    ("current_link_width", &WIDTH),
    ("d3cold_allowed", &D3COLD),
    ("sriov_drivers_autoprobe", &AUTOPROBE),
    ("sriov_numvfs", &FUNCTIONS),
    ("sriov_totalvfs", &FUNCTIONS_MAX),
    ("sriov_vf_total_msix", &VECTORS),
    ("numa_node", &NODE),
];
static SPEEDS: [(&str, &Metric); 2] = [("max_link_speed", &SPEED_MAX), ("current_link_speed", &SPEED)];

const DIRECTORY: &str = "/sys/bus/pci/devices";

pub static SPEC: Spec = Spec {
    name: "pcidevice",
    about: "devices on the PCI bus",
    doc: "ABI/testing/sysfs-bus-pci",
    reads: &[DIRECTORY, names::PATHS[0], names::PATHS[1]],
    metrics: &[
        &INFO,
        &SPEED_MAX,
        &SPEED,
        &WIDTH_MAX,
        &WIDTH,
        &D3COLD,
        &AUTOPROBE,
        &FUNCTIONS,
        &FUNCTIONS_MAX,
        &VECTORS,
        &NODE,
        &POWER,
    ],
    every_ms: 60_000,
    enabled: false,
    settings: &[
        Setting {
            name: "names",
            about: "Whether devices are told with the names that pci.ids has for their numbers.",
            default: Preset::Flag(false),
        },
        Setting {
            name: "idsfile",
            about: "Where pci.ids lies, if it is not where distributions put it.",
            default: Preset::Text(""),
        },
    ],
    start: |settings| Box::new(Devices::new(settings)),
    // The speed of a link is asked of the device itself.
    ..Spec::ASIDE
};

/// Remembers names, because the file of names has 40 000 lines.
struct Devices {
    names: Option<Names>,
}

impl Devices {
    fn new(settings: &Settings) -> Self {
        Devices { names: settings.flag("names").then(|| Names::new(settings.text("idsfile"))) }
    }
}

impl Probe for Devices {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let devices = attributes::entries(host, DIRECTORY, out)?;
        let ids: Vec<Ids> = devices.iter().map(|device| Ids::read(host, device)).collect();
        let named = self.names.as_mut().map_or(Ok(()), |names| names.learn(host, &ids));
        let each = devices.iter().zip(&ids);
        let told = each.map(|(device, ids)| collect_device(host, device, ids, self.names.as_ref(), out));
        told.fold(named, Result::and)
    }
}

/// The numbers that say what a device is, as the kernel writes them: `0x8086`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ids {
    class: String,
    vendor: String,
    device: String,
    subsystem_vendor: String,
    subsystem_device: String,
    revision: String,
}

impl Ids {
    fn read(host: &mut Host, device: &str) -> Self {
        let directory = format!("{DIRECTORY}/{device}");
        let mut of = |file| attributes::label(host, &directory, file);
        Ids {
            class: of("class"),
            vendor: of("vendor"),
            device: of("device"),
            subsystem_vendor: of("subsystem_vendor"),
            subsystem_device: of("subsystem_device"),
            revision: of("revision"),
        }
    }
}

fn collect_device(
    host: &mut Host,
    device: &str,
    ids: &Ids,
    names: Option<&Names>,
    out: &mut Batch,
) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/{device}");
    let expected = "a place such as 0000:00:02.1";
    let place = place(device).ok_or_else(|| Fault::malformed(&directory, 1, device, expected))?;
    push_info(host, &directory, &place, ids, names, out);
    for (file, metric) in &NUMBERS {
        let value = host.number(format_args!("{directory}/{file}"))?;
        if let Some(value) = value.filter(|value| *value >= 0.0) {
            out.push(metric, &place, value);
        }
    }
    for (file, metric) in &SPEEDS {
        if let Some(speed) = host.attribute(format_args!("{directory}/{file}"))?.and_then(transfers) {
            out.push(metric, &place, speed);
        }
    }
    let state = attributes::label(host, &directory, "power_state");
    if !state.is_empty() {
        push_state(&place, &state, out);
    }
    Ok(())
}

fn push_info(
    host: &Host,
    directory: &str,
    own: &[&str; 4],
    ids: &Ids,
    names: Option<&Names>,
    out: &mut Batch,
) {
    let link = host.link(directory).unwrap_or_default();
    let parent = link.parent().and_then(|parent| parent.file_name()?.to_str()).and_then(place);
    let names = names.map(|names| names.of(ids)).unwrap_or_default();
    let mut labels = own.to_vec();
    labels.extend(parent.unwrap_or(["*"; 4]));
    labels.extend([&*ids.class, &ids.vendor, &ids.device]);
    labels.extend([&*ids.subsystem_vendor, &ids.subsystem_device, &ids.revision]);
    labels.extend(names.each_ref().map(String::as_str));
    out.push(&INFO, &labels, 1.0);
}

fn push_state([segment, bus, device, function]: &[&str; 4], now: &str, out: &mut Batch) {
    for state in STATES {
        let is_now = f64::from(state == now);
        out.push(&POWER, &[segment, bus, device, function, state], is_now);
    }
}

/// `0000:00:02.1`: segment, bus, device and function, in hexadecimal.
fn place(name: &str) -> Option<[&str; 4]> {
    let (rest, function) = name.rsplit_once('.')?;
    let mut parts = rest.split(':');
    let place = [parts.next()?, parts.next()?, parts.next()?, function];
    let is_hex = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (parts.next().is_none() && place.iter().all(is_hex)).then_some(place)
}

/// `8.0 GT/s PCIe`; a link that is down is `Unknown`.
fn transfers(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let number: f64 = number.parse().ok()?;
    (unit.starts_with("GT/s") && number.is_finite()).then_some(number * 1e9)
}

#[cfg(test)]
mod tests;
