//! Ports of InfiniBand adapters.

use crate::attributes;
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const PORT: &[&str] = &["device", "port"];

static INFO: Metric = Metric::gauge(
    "node_infiniband_info",
    "What is not a number in /sys/class/infiniband/<device>; the value is always 1.",
    &["board_id", "device", "firmware_version", "hca_type"],
);
static STATE: Metric = Metric::gauge(
    "node_infiniband_state_id",
    "State of the port (0: no change, 1: down, 2: init, 3: armed, 4: active, 5: act defer)",
    PORT,
);
static PHYSICAL_STATE: Metric = Metric::gauge(
    "node_infiniband_physical_state_id",
    "Physical state of the port (0: no change, 1: sleep, 2: polling, 3: disable, 4: shift, 5: link up, \
     6: link error recover, 7: phytest)",
    PORT,
);
static RATE: Metric =
    Metric::gauge("node_infiniband_rate_bytes_per_second", "Maximum signal transfer rate", PORT);

struct Counter {
    file: &'static str,
    metric: Metric,
    /// Data are counted in words of four bytes.
    factor: f64,
}

const fn counter(file: &'static str, name: &'static str, help: &'static str, factor: f64) -> Counter {
    Counter { file, metric: Metric::counter(name, help, PORT), factor }
}

/// Those in `counters_ext` are 64 bits wide on adapters whose `counters` are not.
static COUNTERS: [Counter; 24] = [
    counter(
        "counters_ext/port_multicast_rcv_packets",
        "node_infiniband_legacy_multicast_packets_received_total",
        "Number of multicast packets received",
        1.0,
    ),
    counter(
        "counters_ext/port_multicast_xmit_packets",
        "node_infiniband_legacy_multicast_packets_transmitted_total",
        "Number of multicast packets transmitted",
        1.0,
    ),
    counter(
        "counters_ext/port_rcv_data_64",
        "node_infiniband_legacy_data_received_bytes_total",
        "Number of data octets received on all links",
        4.0,
    ),
    counter(
        "counters_ext/port_rcv_packets_64",
        "node_infiniband_legacy_packets_received_total",
        "Number of data packets received on all links",
        1.0,
    ),
    counter(
        "counters_ext/port_unicast_rcv_packets",
        "node_infiniband_legacy_unicast_packets_received_total",
        "Number of unicast packets received",
        1.0,
    ),
    counter(
        "counters_ext/port_unicast_xmit_packets",
        "node_infiniband_legacy_unicast_packets_transmitted_total",
        "Number of unicast packets transmitted",
        1.0,
    ),
    counter(
        "counters_ext/port_xmit_data_64",
        "node_infiniband_legacy_data_transmitted_bytes_total",
        "Number of data octets transmitted on all links",
        4.0,
    ),
    counter(
        "counters_ext/port_xmit_packets_64",
        "node_infiniband_legacy_packets_transmitted_total",
        "Number of data packets transmitted on all links",
        1.0,
    ),
    counter(
        "counters/link_downed",
        "node_infiniband_link_downed_total",
        "Times that the link did not recover from an error and went down",
        1.0,
    ),
    counter(
        "counters/link_error_recovery",
        "node_infiniband_link_error_recovery_total",
        "Times that the link recovered from an error",
        1.0,
    ),
    counter(
        "counters/multicast_rcv_packets",
        "node_infiniband_multicast_packets_received_total",
        "Number of multicast packets received (including errors)",
        1.0,
    ),
    counter(
        "counters/multicast_xmit_packets",
        "node_infiniband_multicast_packets_transmitted_total",
        "Number of multicast packets transmitted (including errors)",
        1.0,
    ),
    counter(
        "counters/port_rcv_constraint_errors",
        "node_infiniband_port_constraint_errors_received_total",
        "Packets received on the physical port of the switch that were discarded",
        1.0,
    ),
    counter(
        "counters/port_xmit_constraint_errors",
        "node_infiniband_port_constraint_errors_transmitted_total",
        "Packets not transmitted from the physical port of the switch",
        1.0,
    ),
    counter(
        "counters/port_rcv_data",
        "node_infiniband_port_data_received_bytes_total",
        "Number of data octets received on all links",
        4.0,
    ),
    counter(
        "counters/port_xmit_data",
        "node_infiniband_port_data_transmitted_bytes_total",
        "Number of data octets transmitted on all links",
        4.0,
    ),
    counter(
        "counters/port_rcv_discards",
        "node_infiniband_port_discards_received_total",
        "Inbound packets discarded because the port is down or congested",
        1.0,
    ),
    counter(
        "counters/port_xmit_discards",
        "node_infiniband_port_discards_transmitted_total",
        "Outbound packets discarded because the port is down or congested",
        1.0,
    ),
    counter(
        "counters/port_rcv_errors",
        "node_infiniband_port_errors_received_total",
        "Packets with an error that this port received",
        1.0,
    ),
    counter(
        "counters/port_rcv_packets",
        "node_infiniband_port_packets_received_total",
        "Packets that this port received on all virtual lanes (including errors)",
        1.0,
    ),
    counter(
        "counters/port_xmit_packets",
        "node_infiniband_port_packets_transmitted_total",
        "Packets that this port transmitted on all virtual lanes (including errors)",
        1.0,
    ),
    counter(
        "counters/port_xmit_wait",
        "node_infiniband_port_transmit_wait_total",
        "Ticks in which the port had something to transmit and could not",
        1.0,
    ),
    counter(
        "counters/unicast_rcv_packets",
        "node_infiniband_unicast_packets_received_total",
        "Number of unicast packets received (including errors)",
        1.0,
    ),
    counter(
        "counters/unicast_xmit_packets",
        "node_infiniband_unicast_packets_transmitted_total",
        "Number of unicast packets transmitted (including errors)",
        1.0,
    ),
];

static METRICS: [&Metric; COUNTERS.len() + 4] = {
    let mut metrics = [&INFO; COUNTERS.len() + 4];
    (metrics[1], metrics[2], metrics[3]) = (&STATE, &PHYSICAL_STATE, &RATE);
    let mut at = 0;
    while at < COUNTERS.len() {
        metrics[at + 4] = &COUNTERS[at].metric;
        at += 1;
    }
    metrics
};

const DIRECTORY: &str = "/sys/class/infiniband";
/// More devices, or ports of a device, than this are left out, and a gap says so.
const NAMES_MAX: usize = 256;

pub static SPEC: Spec = Spec {
    name: "infiniband",
    about: "ports of InfiniBand adapters: state, rate, traffic, errors",
    doc: "ABI/stable/sysfs-class-infiniband",
    reads: &[DIRECTORY],
    metrics: &METRICS,
    // The driver asks its adapter.
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

/// One device that cannot be read does not hide the others.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let devices = attributes::names(host, DIRECTORY, NAMES_MAX, |_| true, out)?;
    devices.iter().map(|device| collect_device(host, device, out)).fold(Ok(()), Result::and)
}

fn collect_device(host: &mut Host, device: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut text = |file: &str| -> Result<String, Fault> {
        Ok(host.attribute(format_args!("{DIRECTORY}/{device}/{file}"))?.unwrap_or("").to_owned())
    };
    let (board, firmware, kind) = (text("board_id")?, text("fw_ver")?, text("hca_type")?);
    out.push(&INFO, &[&board, device, &firmware, &kind], 1.0);
    let ports = attributes::names(host, &format!("{DIRECTORY}/{device}/ports"), NAMES_MAX, |_| true, out)?;
    ports.iter().map(|port| collect_port(host, device, port, out)).fold(Ok(()), Result::and)
}

fn collect_port(host: &mut Host, device: &str, port: &str, out: &mut Batch) -> Result<(), Fault> {
    let labels = [device, port];
    for (file, metric, parse) in [
        ("state", &STATE, state as fn(&str) -> Option<f64>),
        ("phys_state", &PHYSICAL_STATE, state),
        ("rate", &RATE, rate),
    ] {
        let text = host.attribute(format_args!("{DIRECTORY}/{device}/ports/{port}/{file}"))?;
        text.and_then(parse).into_iter().for_each(|value| out.push(metric, &labels, value));
    }
    for counter in &COUNTERS {
        // `N/A (no PMA)` where the adapter does not count.
        let path = format_args!("{DIRECTORY}/{device}/ports/{port}/{}", counter.file);
        let value = host.number(path)?;
        value.into_iter().for_each(|value| out.push(&counter.metric, &labels, value * counter.factor));
    }
    Ok(())
}

/// `4: ACTIVE`
fn state(text: &str) -> Option<f64> {
    text.split_once(':')?.0.parse::<u8>().ok().map(f64::from)
}

/// `2.5 Gb/sec (1X SDR)`, in bits
fn rate(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let gigabits = number.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate >= 0.0)?;
    unit.starts_with("Gb/sec").then_some(gigabits * 1e9 / 8.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_rates() {
        assert_eq!(state("4: ACTIVE"), Some(4.0));
        assert_eq!(rate("40 Gb/sec (4X QDR)"), Some(5e9));
        assert_eq!(rate("2.5 Gb/sec (1X SDR)"), Some(312_500_000.0));
        for nonsense in ["", "ACTIVE", "four: ACTIVE", "300: X"] {
            assert_eq!(state(nonsense), None, "{nonsense}");
        }
        for nonsense in ["", "40", "40 Mb/sec", "NaN Gb/sec", "-1 Gb/sec", "inf Gb/sec"] {
            assert_eq!(rate(nonsense), None, "{nonsense}");
        }
    }
}
