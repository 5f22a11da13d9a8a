//! What a network device is and whether it is up.

use crate::{Fault, Filter, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};

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
    /// The labels of a device that are read from its files.
    texts: [String; TEXTS.len()],
}

impl Probe for Netclass {
    /// Files are opened anew each time: a device that was renamed keeps its open files, and another may have its
    /// name.
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let names = host.names(DIRECTORY, DEVICES_MAX)?;
        if names.len() == DEVICES_MAX {
            out.push_gap(DIRECTORY, "the first 1024 network devices are watched, the others are not", "");
        }
        let mut result = Ok(());
        // `bonding_masters` lies among the devices and is a file.
        for device in names.iter().filter(|name| *name != "bonding_masters") {
            if self.devices.takes(device) {
                result = result.and(self.collect_device(host, device, out));
            }
        }
        result
    }
}

impl Netclass {
    fn new(settings: &Settings) -> Self {
        Netclass {
            devices: settings.filter("", "ignored_devices"),
            ignore_invalid_speed: settings.flag("ignore_invalid_speed"),
            texts: Default::default(),
        }
    }

    /// One device whose files make no sense does not hide the others. A file that is absent or refuses (a device
    /// that is down has no carrier, speed or duplex) gives nothing.
    fn collect_device(&mut self, host: &mut Host, device: &str, out: &mut Batch) -> Result<(), Fault> {
        for (file, text) in TEXTS.iter().zip(&mut self.texts) {
            text.clear();
            text.push_str(host.attribute(format_args!("{DIRECTORY}/{device}/{file}"))?.unwrap_or(""));
        }
        let mut flags = None;
        for (file, metric, factor) in &NUMBERS {
            let value = host.number(format_args!("{DIRECTORY}/{device}/{file}"))?;
            let Some(value) = value.filter(|value| self.is_valid(file, *value)) else { continue };
            if *file == "flags" {
                flags = Some(value);
            }
            out.push(metric, &[device], value * factor);
        }
        push_state(device, flags, self.texts.each_ref().map(String::as_str), out);
        Ok(())
    }

    /// Drivers that do not know the speed say -1, which some kernels print as an unsigned number.
    fn is_valid(&self, file: &str, value: f64) -> bool {
        file != "speed" || !self.ignore_invalid_speed || (value >= 0.0 && value != f64::from(u32::MAX))
    }
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
        let mut settings = Settings::new(&SETTINGS);
        assert!(Netclass::new(&settings).is_valid("speed", -1.0));
        settings.set("ignore_invalid_speed", Value::Flag(true)).unwrap();
        let probe = Netclass::new(&settings);
        assert!(!probe.is_valid("speed", -1.0) && !probe.is_valid("speed", 4_294_967_295.0));
        assert!(probe.is_valid("speed", 1000.0) && probe.is_valid("carrier", -1.0));
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
