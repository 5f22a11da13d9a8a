//! Wireless devices: the network they belong to, and the stations they hear.

mod captured;
mod nl80211;

use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const STATION: &[&str] = &["device", "mac_address"];

static FREQUENCY: Metric = Metric::gauge(
    "node_wifi_interface_frequency_hertz",
    "The current frequency a WiFi interface is operating at, in hertz.",
    &["device"],
);
static INFO: Metric = Metric::gauge(
    "node_wifi_station_info",
    "The network that a WiFi interface belongs to; the value is always 1.",
    &["bssid", "device", "mode", "ssid"],
);

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, help, STATION)
}
const fn gauge(name: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, help, STATION)
}

/// What is told of a station, in the order of [`Station::values`].
static STATIONS: [Metric; 12] = [
    counter(
        "node_wifi_station_connected_seconds_total",
        "The total number of seconds a station has been connected to an access point.",
    ),
    gauge(
        "node_wifi_station_inactive_seconds",
        "The number of seconds since any wireless activity has occurred on a station.",
    ),
    gauge(
        "node_wifi_station_receive_bits_per_second",
        "The current WiFi receive bitrate of a station, in bits per second.",
    ),
    gauge(
        "node_wifi_station_transmit_bits_per_second",
        "The current WiFi transmit bitrate of a station, in bits per second.",
    ),
    counter("node_wifi_station_receive_bytes_total", "The total number of bytes received by a WiFi station."),
    counter(
        "node_wifi_station_transmit_bytes_total",
        "The total number of bytes transmitted by a WiFi station.",
    ),
    counter("node_wifi_station_received_packets_total", "The total number of packets received by a station."),
    counter(
        "node_wifi_station_transmitted_packets_total",
        "The total number of packets transmitted by a station.",
    ),
    gauge("node_wifi_station_signal_dbm", "The current WiFi signal strength, in decibel-milliwatts (dBm)."),
    counter(
        "node_wifi_station_transmit_retries_total",
        "The total number of times a station has had to retry while sending a packet.",
    ),
    counter(
        "node_wifi_station_transmit_failed_total",
        "The total number of times a station has failed to send a packet.",
    ),
    counter(
        "node_wifi_station_beacon_loss_total",
        "The total number of times a station has detected a beacon loss.",
    ),
];

static METRICS: [&Metric; STATIONS.len() + 2] = {
    let mut metrics = [&FREQUENCY; STATIONS.len() + 2];
    metrics[1] = &INFO;
    let mut at = 0;
    while at < STATIONS.len() {
        metrics[at + 2] = &STATIONS[at];
        at += 1;
    }
    metrics
};

/// More stations of a device than this are left out, and a gap says so; access points serve some hundred.
const STATIONS_MAX: usize = 256;

pub static SPEC: Spec = Spec {
    name: "wifi",
    about: "wireless devices and stations; needs AF_NETLINK",
    doc: "iw(8)",
    reads: &[captured::DIRECTORY],
    metrics: &METRICS,
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    // Drivers ask their devices.
    ..Spec::ASIDE
};

/// A wireless device and what it hears.
#[derive(Debug, Default, PartialEq)]
struct Interface {
    name: String,
    /// Absent while it is not tuned.
    hertz: Option<f64>,
    network: Option<Network>,
    stations: Vec<Station>,
}

#[derive(Debug, PartialEq)]
struct Network {
    bssid: [u8; 6],
    ssid: String,
    mode: &'static str,
}

/// Values in the order of [`STATIONS`]; a driver that does not count gives none.
#[derive(Debug, PartialEq)]
struct Station {
    address: [u8; 6],
    values: [Option<f64>; STATIONS.len()],
}

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let interfaces = if host.is_live() { nl80211::interfaces()? } else { captured::interfaces(host)? };
    interfaces.iter().for_each(|interface| interface.push(out));
    Ok(())
}

impl Interface {
    fn push(&self, out: &mut Batch) {
        if let Some(hertz) = self.hertz {
            out.push(&FREQUENCY, &[&self.name], hertz);
        }
        if let Some(network) = &self.network {
            out.push(&INFO, &[&shown(network.bssid), &self.name, network.mode, &network.ssid], 1.0);
        }
        if self.stations.len() > STATIONS_MAX {
            out.push_gap(&self.name, "the first 256 stations are given, the others are not", "");
        }
        for station in self.stations.iter().take(STATIONS_MAX) {
            let labels = [self.name.as_str(), &shown(station.address)];
            for (metric, value) in STATIONS.iter().zip(station.values) {
                value.into_iter().for_each(|value| out.push(metric, &labels, value));
            }
        }
    }
}

/// `aa:bb:cc:dd:ee:ff`
fn shown(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02x}")).join(":")
}

/// In the words of node_exporter: authenticated and associated make a client.
fn mode(status: u64) -> &'static str {
    match status {
        0 | 1 => "client",
        2 => "ad-hoc",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::exposition;
    use expect_test::expect;

    #[test]
    fn what_a_driver_does_not_say_is_absent() {
        let mut values = [None; STATIONS.len()];
        values[8] = Some(-52.0);
        let interface = Interface {
            name: "wlan0".to_owned(),
            hertz: None,
            network: Some(Network {
                bssid: [0, 17, 34, 51, 68, 85],
                ssid: "a \"b\"".to_owned(),
                mode: mode(1),
            }),
            stations: vec![Station { address: [1, 2, 3, 4, 5, 255], values }],
        };
        let mut out = Batch::new();
        interface.push(&mut out);
        expect![[r#"
            node_wifi_station_info{bssid="00:11:22:33:44:55",device="wlan0",mode="client",ssid="a \"b\""} 1
            node_wifi_station_signal_dbm{device="wlan0",mac_address="01:02:03:04:05:ff"} -52
        "#]]
        .assert_eq(&exposition(&out));
    }
}
