//! What a network device is and whether it is up.

use crate::{Fault, Host, Spec};
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

const DIRECTORY: &str = "/sys/class/net";
/// More devices than this are left out, and a gap says so.
const DEVICES_MAX: usize = 1024;
/// The bit of `flags` that says that an administrator switched the device on (`IFF_UP`).
const FLAG_UP: u64 = 1;

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
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

/// Files are opened anew each time: a device that was renamed keeps its open files, and another may have its name.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let names = host.names(DIRECTORY, DEVICES_MAX)?;
    if names.len() == DEVICES_MAX {
        out.push_gap(DIRECTORY, "the first 1024 network devices are watched, the others are not", "");
    }
    // `bonding_masters` lies among the devices and is a file.
    let devices = names.iter().filter(|name| host.path(&format!("{DIRECTORY}/{name}")).is_dir());
    devices.map(|device| collect_device(host, device, out)).fold(Ok(()), Result::and)
}

/// One device whose files make no sense does not hide the others.
fn collect_device(host: &Host, device: &str, out: &mut Batch) -> Result<(), Fault> {
    push_state(device, |file| read(host, device, file), out);
    let mut result = Ok(());
    for (file, metric, factor) in &NUMBERS {
        let Some(word) = read(host, device, file) else { continue };
        match parse_number(&word) {
            Some(value) if file == &"speed" && is_unknown_speed(value) => {}
            Some(value) => out.push(metric, &[device], value * factor),
            None if result.is_ok() => {
                let path = format!("{DIRECTORY}/{device}/{file}");
                result = Err(Fault::malformed(&path, 1, &word, "a number"));
            }
            None => {}
        }
    }
    result
}

fn push_state(device: &str, read: impl Fn(&str) -> Option<String>, out: &mut Batch) {
    let text = |file: &str| read(file).unwrap_or_default();
    let flags = read("flags").and_then(|word| parse_number(&word));
    let admin = match flags {
        Some(flags) if flags as u64 & FLAG_UP != 0 => "up",
        Some(_) => "down",
        None => "unknown",
    };
    let operstate = read("operstate");
    if let Some(state) = &operstate {
        out.push(&UP, &[device], f64::from(u8::from(state == "up")));
    }
    let operstate = operstate.unwrap_or_default();
    let labels =
        [&text("address"), admin, &text("broadcast"), device, &text("duplex"), &text("ifalias"), &operstate];
    out.push(&INFO, &labels, 1.0);
}

/// A file that is absent or refuses (a device that is down has no carrier, speed or duplex) gives nothing.
fn read(host: &Host, device: &str, file: &str) -> Option<String> {
    let bytes = host.bytes(&format!("{DIRECTORY}/{device}/{file}")).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

/// Decimal, or hexadecimal after `0x`.
fn parse_number(word: &str) -> Option<f64> {
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|value| value as f64),
        None => word.parse::<i64>().ok().map(|value| value as f64),
    }
}

/// Drivers say -1, which some kernels print as an unsigned number.
fn is_unknown_speed(megabits: f64) -> bool {
    megabits < 0.0 || megabits == f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    /// `files` is lines of `name value`, as a scrap of the directory of a device.
    fn state(files: &str, out: &mut Batch) -> Result<(), Fault> {
        let read = |file: &str| {
            let line = files.lines().find(|line| line.split(' ').next() == Some(file))?;
            Some(line[file.len()..].trim_start().to_owned())
        };
        push_state("eth0", read, out);
        Ok(())
    }

    #[test]
    fn state_of_a_device_that_is_up() {
        check(
            state,
            "address 01:01:01:01:01:01\nbroadcast ff:ff:ff:ff:ff:ff\nduplex full\nifalias\nflags 0x1303\noperstate up\n",
            expect![[r#"
                node_network_up{device="eth0"} 1
                node_network_info{address="01:01:01:01:01:01",adminstate="up",broadcast="ff:ff:ff:ff:ff:ff",device="eth0",duplex="full",ifalias="",operstate="up"} 1
            "#]],
        );
    }

    #[test]
    fn state_of_a_device_that_is_down_or_says_nothing() {
        check(
            state,
            "address 02:02\nflags 0x1002\noperstate down\nifalias a \"name\"\n",
            expect![[r#"
            node_network_up{device="eth0"} 0
            node_network_info{address="02:02",adminstate="down",broadcast="",device="eth0",duplex="",ifalias="a \"name\"",operstate="down"} 1
        "#]],
        );
        check(
            state,
            "",
            expect![[r#"
            node_network_info{address="",adminstate="unknown",broadcast="",device="eth0",duplex="",ifalias="",operstate=""} 1
        "#]],
        );
    }

    #[test]
    fn numbers_of_sysfs() {
        let cases = [
            ("1500", Some(1500.0)),
            ("0x20", Some(32.0)),
            ("-1", Some(-1.0)),
            ("", None),
            ("0xg", None),
            ("1 2", None),
        ];
        for (word, value) in cases {
            assert_eq!(parse_number(word), value, "{word}");
        }
        assert!(is_unknown_speed(-1.0) && is_unknown_speed(4_294_967_295.0) && !is_unknown_speed(1000.0));
    }
}
