//! What a network device is and whether it is up.

mod link;
mod links;

use crate::{Fault, Filter, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use links::Links;

const DEVICE: &[&str] = &["device"];

static UP: Metric = Metric::gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.", DEVICE);
static INFO: Metric = Metric::gauge(
    "node_network_info",
    "What is not a number in /sys/class/net/<device>; the value is always 1.",
    &["address", "adminstate", "broadcast", "device", "duplex", "ifalias", "operstate"],
);
static ADDRESS_ASSIGN: Metric =
    Metric::gauge("node_network_address_assign_type", "Network device property: address_assign_type", DEVICE);
static CARRIER: Metric = Metric::gauge("node_network_carrier", "Network device property: carrier", DEVICE);
static CARRIER_CHANGES: Metric = Metric::counter(
    "node_network_carrier_changes_total",
    "Network device property: carrier_changes_total",
    DEVICE,
);
static CARRIER_UP: Metric = Metric::counter(
    "node_network_carrier_up_changes_total",
    "Network device property: carrier_up_changes_total",
    DEVICE,
);
static CARRIER_DOWN: Metric = Metric::counter(
    "node_network_carrier_down_changes_total",
    "Network device property: carrier_down_changes_total",
    DEVICE,
);
static DEVICE_ID: Metric =
    Metric::gauge("node_network_device_id", "Network device property: device_id", DEVICE);
static DORMANT: Metric = Metric::gauge("node_network_dormant", "Network device property: dormant", DEVICE);
static FLAGS: Metric = Metric::gauge("node_network_flags", "Network device property: flags", DEVICE);
static INDEX: Metric = Metric::gauge("node_network_iface_id", "Network device property: iface_id", DEVICE);
static LINK: Metric = Metric::gauge("node_network_iface_link", "Network device property: iface_link", DEVICE);
static LINK_MODE: Metric =
    Metric::gauge("node_network_iface_link_mode", "Network device property: iface_link_mode", DEVICE);
static MTU: Metric = Metric::gauge("node_network_mtu_bytes", "Network device property: mtu_bytes", DEVICE);
static NAME_ASSIGN: Metric =
    Metric::gauge("node_network_name_assign_type", "Network device property: name_assign_type", DEVICE);
static GROUP: Metric =
    Metric::gauge("node_network_net_dev_group", "Network device property: net_dev_group", DEVICE);
static PROTOCOL: Metric =
    Metric::gauge("node_network_protocol_type", "Network device property: protocol_type", DEVICE);
static SPEED: Metric =
    Metric::gauge("node_network_speed_bytes", "Network device property: speed_bytes", DEVICE);
static QUEUE_LENGTH: Metric = Metric::gauge(
    "node_network_transmit_queue_length",
    "Network device property: transmit_queue_length",
    DEVICE,
);
static NO_HANDLER: Metric = Metric::counter(
    "node_network_receive_nohandler_total",
    "Network device statistic receive_nohandler.",
    DEVICE,
);

/// Files that hold one number, and what the number is multiplied by: `speed` is in megabits.
static NUMBERS: [(&str, &Metric, f64); 18] = [
    ("addr_assign_type", &ADDRESS_ASSIGN, 1.0),
    ("carrier", &CARRIER, 1.0),
    ("carrier_changes", &CARRIER_CHANGES, 1.0),
    ("carrier_up_count", &CARRIER_UP, 1.0),
    ("carrier_down_count", &CARRIER_DOWN, 1.0),
    ("dev_id", &DEVICE_ID, 1.0),
    ("dormant", &DORMANT, 1.0),
    ("flags", &FLAGS, 1.0),
    ("ifindex", &INDEX, 1.0),
    ("iflink", &LINK, 1.0),
    ("link_mode", &LINK_MODE, 1.0),
    ("mtu", &MTU, 1.0),
    ("name_assign_type", &NAME_ASSIGN, 1.0),
    ("netdev_group", &GROUP, 1.0),
    ("type", &PROTOCOL, 1.0),
    ("speed", &SPEED, 1e6 / 8.0),
    ("tx_queue_len", &QUEUE_LENGTH, 1.0),
    ("statistics/rx_nohandler", &NO_HANDLER, 1.0),
];

/// Files that become labels.
const TEXTS: [&str; 5] = ["address", "broadcast", "duplex", "ifalias", "operstate"];

const DIRECTORY: &str = "/sys/class/net";
/// More devices than this are left out, and a gap says so.
const DEVICES_MAX: usize = 1024;
/// The bit of `flags` that says that an administrator switched the device on (`IFF_UP`).
const FLAG_UP: u64 = 1;

static SETTINGS: [Setting; 2] = [
    Setting {
        name: "ignored_devices",
        about: "Devices with such a name are not watched.",
        default: Preset::Pattern(""),
    },
    Setting {
        name: "ignore_invalid_speed",
        about: "Leave out a speed that the driver does not know, which is -125000 bytes otherwise, as node_exporter has it.",
        default: Preset::Flag(false),
    },
];

pub static SPEC: Spec = Spec {
    name: "netclass",
    about: "state and properties of network devices",
    doc: "ABI/testing/sysfs-class-net",
    reads: &[DIRECTORY],
    metrics: &[
        &UP,
        &INFO,
        &ADDRESS_ASSIGN,
        &CARRIER,
        &CARRIER_CHANGES,
        &CARRIER_UP,
        &CARRIER_DOWN,
        &DEVICE_ID,
        &DORMANT,
        &FLAGS,
        &INDEX,
        &LINK,
        &LINK_MODE,
        &MTU,
        &NAME_ASSIGN,
        &GROUP,
        &PROTOCOL,
        &SPEED,
        &QUEUE_LENGTH,
        &NO_HANDLER,
    ],
    // `speed` and `duplex` ask the driver, which may be waiting for its hardware.
    every_ms: 10_000,
    settings: &SETTINGS,
    start: |settings| Box::new(Netclass::new(settings)),
    ..Spec::ASIDE
};

struct Netclass {
    devices: Filter,
    ignore_invalid_speed: bool,
    links: Links,
    /// For devices of which only files tell.
    device: Device,
}

/// What there is to say of a device, in the order of [`NUMBERS`] and [`TEXTS`].
#[derive(Default)]
struct Device {
    numbers: [Option<f64>; NUMBERS.len()],
    texts: [String; TEXTS.len()],
}

impl Probe for Netclass {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let told = if host.is_live() { self.links.refresh(host, &self.devices) } else { Ok(false) };
        if !told? {
            return self.collect_files(host, out);
        }
        let devices = self.links.devices();
        if devices.len() == DEVICES_MAX {
            push_gap(out);
        }
        devices.for_each(|(name, device)| device.push(name, self.ignore_invalid_speed, out));
        Ok(())
    }
}

impl Netclass {
    fn new(settings: &Settings) -> Self {
        Netclass {
            devices: settings.filter("", "ignored_devices"),
            ignore_invalid_speed: settings.flag("ignore_invalid_speed"),
            links: Links::default(),
            device: Device::default(),
        }
    }

    /// Files are opened anew each time: a device that was renamed keeps its open files, and another may have its
    /// name. One device whose files make no sense does not hide the others.
    fn collect_files(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let names = host.names(DIRECTORY, DEVICES_MAX)?;
        if names.len() == DEVICES_MAX {
            push_gap(out);
        }
        let mut result = Ok(());
        // `bonding_masters` lies among the devices and is a file.
        let names = names.iter().filter(|name| *name != "bonding_masters" && self.devices.takes(name));
        for name in names {
            result = result.and(self.device.read(host, name, |_| true));
            self.device.push(name, self.ignore_invalid_speed, out);
        }
        result
    }
}

impl Device {
    /// Reads those files that are wanted. A file that is absent or refuses (a device that is down has no carrier,
    /// speed or duplex) gives nothing.
    fn read(&mut self, host: &mut Host, name: &str, wanted: impl Fn(&str) -> bool) -> Result<(), Fault> {
        let Device { numbers, texts } = self;
        let mut texts: Vec<_> = TEXTS.iter().zip(texts).filter(|(file, _)| wanted(file)).collect();
        let mut numbers: Vec<_> =
            NUMBERS.iter().zip(numbers).filter(|((file, ..), _)| wanted(file)).collect();
        // What is not reached must not be left from before.
        texts.iter_mut().for_each(|(_, text)| text.clear());
        numbers.iter_mut().for_each(|(_, number)| **number = None);
        for (file, text) in texts {
            text.push_str(host.attribute(format_args!("{DIRECTORY}/{name}/{file}"))?.unwrap_or(""));
        }
        for ((file, ..), number) in numbers {
            *number = host.number(format_args!("{DIRECTORY}/{name}/{file}"))?;
        }
        Ok(())
    }

    fn push(&self, name: &str, ignore_invalid_speed: bool, out: &mut Batch) {
        let mut flags = None;
        for ((file, metric, factor), number) in NUMBERS.iter().zip(&self.numbers) {
            let Some(value) = *number else { continue };
            match *file {
                "speed" if ignore_invalid_speed && !is_speed(value) => continue,
                "flags" => flags = Some(value),
                _ => {}
            }
            out.push(metric, &[name], value * factor);
        }
        push_state(name, flags, self.texts.each_ref().map(String::as_str), out);
    }
}

/// Drivers that do not know the speed say -1, which some kernels print as an unsigned number.
fn is_speed(value: f64) -> bool {
    value >= 0.0 && value != f64::from(u32::MAX)
}

fn push_gap(out: &mut Batch) {
    out.push_gap(DIRECTORY, "the first 1024 network devices are watched, the others are not", "");
}

fn push_state(device: &str, flags: Option<f64>, texts: [&str; TEXTS.len()], out: &mut Batch) {
    let admin = match flags {
        Some(flags) if flags as u64 & FLAG_UP != 0 => "up",
        Some(_) => "down",
        None => "unknown",
    };
    let [address, broadcast, duplex, alias, operstate] = texts;
    if !operstate.is_empty() {
        out.push(&UP, &[device], f64::from(operstate == "up"));
    }
    out.push(&INFO, &[address, admin, broadcast, device, duplex, alias, operstate], 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::{check_host, exposition};
    use expect_test::expect;

    fn state(flags: Option<f64>, texts: [&str; 5]) -> String {
        let mut out = Batch::new();
        push_state("eth0", flags, texts, &mut out);
        exposition(&out)
    }

    #[test]
    fn state_of_a_device_that_is_up() {
        let texts = ["01:01:01:01:01:01", "ff:ff:ff:ff:ff:ff", "full", "", "up"];
        expect![[r#"
            node_network_up{device="eth0"} 1
            node_network_info{address="01:01:01:01:01:01",adminstate="up",broadcast="ff:ff:ff:ff:ff:ff",device="eth0",duplex="full",ifalias="",operstate="up"} 1
        "#]]
        .assert_eq(&state(Some(f64::from(0x1303)), texts));
    }

    #[test]
    fn state_of_a_device_that_is_down_or_says_nothing() {
        expect![[r#"
            node_network_up{device="eth0"} 0
            node_network_info{address="02:02",adminstate="down",broadcast="",device="eth0",duplex="",ifalias="a \"name\"",operstate="down"} 1
        "#]]
        .assert_eq(&state(Some(f64::from(0x1002)), ["02:02", "", "", "a \"name\"", "down"]));
        expect![[r#"
            node_network_info{address="",adminstate="unknown",broadcast="",device="eth0",duplex="",ifalias="",operstate=""} 1
        "#]]
        .assert_eq(&state(None, [""; 5]));
    }

    #[test]
    fn an_unknown_speed_is_absent_where_it_is_not_wanted() {
        assert!(!is_speed(-1.0) && !is_speed(4_294_967_295.0) && is_speed(1000.0));
        for (ignore, wanted) in [(false, "-125000"), (true, "absent")] {
            let (mut out, mut device) = (Batch::new(), Device::default());
            device.numbers[NUMBERS.iter().position(|(file, ..)| *file == "speed").unwrap()] = Some(-1.0);
            device.push("eth0", ignore, &mut out);
            let speed = exposition(&out).lines().find_map(|line| {
                line.strip_prefix("node_network_speed_bytes{device=\"eth0\"} ").map(str::to_owned)
            });
            assert_eq!(speed.as_deref().unwrap_or("absent"), wanted);
        }
    }

    /// Two ways to say the same: the kernel's answer, and its files.
    #[test]
    fn links_and_files_of_this_host_agree() {
        let (mut by_links, mut by_files) = (Batch::new(), Batch::new());
        let (mut host, settings) = (Host::new("/"), Settings::new(&SETTINGS));
        Netclass::new(&settings).collect(&mut host, &mut by_links).unwrap();
        Netclass::new(&settings).collect_files(&mut host, &mut by_files).unwrap();
        let sorted = |batch: &Batch| {
            let mut lines: Vec<_> = exposition(batch).lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&by_links), sorted(&by_files));
        assert!(exposition(&by_links).contains("node_network_up{device=\"lo\"}"));
    }

    #[test]
    fn ignored_devices_and_files_that_make_no_sense() {
        check_host(
            &SPEC,
            &[("ignored_devices", Value::Text("dmz|int".to_owned()))],
            &[
                ("/sys/class/net/int/mtu", "1500\n"),
                ("/sys/class/net/eth0/mtu", "9000\n"),
                ("/sys/class/net/eth0/iflink", "x\n"),
            ],
            expect![[r#"
            node_network_mtu_bytes{device="eth0"} 9000
            node_network_info{address="",adminstate="unknown",broadcast="",device="eth0",duplex="",ifalias="",operstate=""} 1
        "#]],
        );
    }
}
