//! Ports of fibre channel adapters.

use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const HOST: &[&str] = &["fc_host"];

static INFO: Metric = Metric::gauge(
    "node_fibrechannel_info",
    "What is not a number in /sys/class/fc_host/<host>; the value is always 1.",
    &[
        "dev_loss_tmo",
        "fabric_name",
        "fc_host",
        "port_id",
        "port_name",
        "port_state",
        "port_type",
        "speed",
        "supported_classes",
        "supported_speeds",
        "symbolic_name",
    ],
);
/// The label that is not a file.
const LABEL_OF_HOST: &str = "fc_host";

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, help, HOST)
}

/// The files below `statistics` and their metrics.
static STATISTICS: [(&str, Metric); 14] = [
    ("dumped_frames", counter("node_fibrechannel_dumped_frames_total", "Number of dumped frames")),
    ("error_frames", counter("node_fibrechannel_error_frames_total", "Number of errors in frames")),
    ("fcp_packet_aborts", counter("node_fibrechannel_fcp_packet_aborts_total", "Number of aborted packets")),
    (
        "invalid_tx_word_count",
        counter(
            "node_fibrechannel_invalid_tx_words_total",
            "Number of invalid words transmitted by host port",
        ),
    ),
    ("invalid_crc_count", counter("node_fibrechannel_invalid_crc_total", "Frames whose checksum was wrong")),
    (
        "link_failure_count",
        counter("node_fibrechannel_link_failure_total", "Number of times the host port link has failed"),
    ),
    (
        "loss_of_signal_count",
        counter("node_fibrechannel_loss_of_signal_total", "Number of times signal has been lost"),
    ),
    (
        "loss_of_sync_count",
        counter("node_fibrechannel_loss_of_sync_total", "Times that bits or words got out of step"),
    ),
    (
        "nos_count",
        counter(
            "node_fibrechannel_nos_total",
            "Times that the port heard that the other end is not operational",
        ),
    ),
    ("rx_frames", counter("node_fibrechannel_rx_frames_total", "Number of frames received")),
    ("rx_words", counter("node_fibrechannel_rx_words_total", "Number of words received by host port")),
    ("tx_frames", counter("node_fibrechannel_tx_frames_total", "Number of frames transmitted by host port")),
    ("tx_words", counter("node_fibrechannel_tx_words_total", "Number of words transmitted by host port")),
    (
        "seconds_since_last_reset",
        counter(
            "node_fibrechannel_seconds_since_last_reset_total",
            "Number of seconds since last host port reset",
        ),
    ),
];

static METRICS: [&Metric; STATISTICS.len() + 1] = {
    let mut metrics = [&INFO; STATISTICS.len() + 1];
    let mut at = 0;
    while at < STATISTICS.len() {
        metrics[at + 1] = &STATISTICS[at].1;
        at += 1;
    }
    metrics
};

const DIRECTORY: &str = "/sys/class/fc_host";
/// More ports than this are left out, and a gap says so.
const PORTS_MAX: usize = 256;
/// What a driver says of a statistic that it does not have.
const UNSUPPORTED: f64 = u64::MAX as f64;

pub static SPEC: Spec = Spec {
    name: "fibrechannel",
    about: "ports of fibre channel adapters: state, speed, traffic, errors",
    doc: "scsi/scsi_fc_transport",
    reads: &[DIRECTORY],
    metrics: &METRICS,
    // The driver asks its adapter.
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

/// One port that cannot be read does not hide the others.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let ports = host.names(DIRECTORY, PORTS_MAX)?;
    if ports.len() == PORTS_MAX {
        out.push_gap(DIRECTORY, "the first 256 ports are watched, the others are not", "");
    }
    ports.iter().map(|port| collect_port(host, port, out)).fold(Ok(()), Result::and)
}

fn collect_port(host: &mut Host, port: &str, out: &mut Batch) -> Result<(), Fault> {
    push_info(host, port, out)?;
    for (file, metric) in &STATISTICS {
        let value = host.number(format_args!("{DIRECTORY}/{port}/statistics/{file}"))?;
        if let Some(value) = value.filter(|value| *value != UNSUPPORTED) {
            out.push(metric, &[port], value);
        }
    }
    Ok(())
}

fn push_info(host: &mut Host, port: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut values = Vec::with_capacity(INFO.labels.len());
    for file in INFO.labels {
        let value = match *file {
            LABEL_OF_HOST => Some(port),
            file => host.attribute(format_args!("{DIRECTORY}/{port}/{file}"))?,
        };
        values.push(value.map_or("", |value| value.strip_prefix("0x").unwrap_or(value)).to_owned());
    }
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    out.push(&INFO, &values, 1.0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;

    #[test]
    fn a_port_and_what_its_driver_does_not_say() {
        let tree = Tree::new(&[]);
        for (file, text) in [
            ("port_name", "0x1000e0071bce95f2\n"),
            ("speed", "16 Gbit\n"),
            ("symbolic_name", "a \"b\"\n"),
            ("statistics/tx_frames", "0x5\n"),
            ("statistics/dumped_frames", "0xffffffffffffffff\n"),
            ("statistics/rx_words", "many\n"),
        ] {
            tree.write(&format!("{DIRECTORY}/host0/{file}"), text);
        }
        expect![[r#"
            node_fibrechannel_info{dev_loss_tmo="",fabric_name="",fc_host="host0",port_id="",port_name="1000e0071bce95f2",port_state="",port_type="",speed="16 Gbit",supported_classes="",supported_speeds="",symbolic_name="a \"b\""} 1
            node_fibrechannel_tx_frames_total{fc_host="host0"} 5
        "#]]
        .assert_eq(&tree.shown(&SPEC));
    }
}
