//! Traffic and errors of network devices.

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const fn column(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, help, &["device"])
}

/// The columns of the file, in their order.
static COLUMNS: [Metric; 16] = [
    column("node_network_receive_bytes_total", "Network device statistic receive_bytes."),
    column("node_network_receive_packets_total", "Network device statistic receive_packets."),
    column("node_network_receive_errs_total", "Network device statistic receive_errs."),
    column("node_network_receive_drop_total", "Network device statistic receive_drop."),
    column("node_network_receive_fifo_total", "Network device statistic receive_fifo."),
    column("node_network_receive_frame_total", "Network device statistic receive_frame."),
    column("node_network_receive_compressed_total", "Network device statistic receive_compressed."),
    column("node_network_receive_multicast_total", "Network device statistic receive_multicast."),
    column("node_network_transmit_bytes_total", "Network device statistic transmit_bytes."),
    column("node_network_transmit_packets_total", "Network device statistic transmit_packets."),
    column("node_network_transmit_errs_total", "Network device statistic transmit_errs."),
    column("node_network_transmit_drop_total", "Network device statistic transmit_drop."),
    column("node_network_transmit_fifo_total", "Network device statistic transmit_fifo."),
    column("node_network_transmit_colls_total", "Network device statistic transmit_colls."),
    column("node_network_transmit_carrier_total", "Network device statistic transmit_carrier."),
    column("node_network_transmit_compressed_total", "Network device statistic transmit_compressed."),
];

static METRICS: [&Metric; 16] = {
    let mut metrics = [&COLUMNS[0]; 16];
    let mut at = 0;
    while at < metrics.len() {
        metrics[at] = &COLUMNS[at];
        at += 1;
    }
    metrics
};

const PATH: &str = "/proc/net/dev";

pub static SPEC: Spec = Spec {
    name: "netdev",
    about: "traffic and errors of network devices",
    doc: "proc_pid_net(5)",
    reads: &[PATH],
    metrics: &METRICS,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// Two lines of headings, then `  eth0: 1234 …`; before Linux 3 there was no space after the colon.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for (text, mut line) in text.lines().zip(lines(PATH, text)).skip(2) {
        let (device, _) = text.rsplit_once(':').ok_or_else(|| line.fault(text, "a device and a colon"))?;
        let device = device.trim();
        let first = line.word().unwrap_or("").rsplit(':').next().filter(|word| !word.is_empty());
        for (column, metric) in COLUMNS.iter().enumerate() {
            let value = match first {
                Some(word) if column == 0 => line.as_count(word)?,
                _ => line.count()?,
            };
            out.push(metric, &[device], value);
        }
    }
    not_empty(PATH, before, out, "network devices")
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    const HEAD: &str = "Inter-|   Receive                                                |  Transmit\n \
        face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";

    #[test]
    fn sixteen_columns() {
        check(
            parse,
            &format!("{HEAD}  eth0: 18968 81 1 2 3 4 5 6 20464 82 7 8 9 10 11 12\n"),
            expect![[r#"
                node_network_receive_bytes_total{device="eth0"} 18968
                node_network_receive_packets_total{device="eth0"} 81
                node_network_receive_errs_total{device="eth0"} 1
                node_network_receive_drop_total{device="eth0"} 2
                node_network_receive_fifo_total{device="eth0"} 3
                node_network_receive_frame_total{device="eth0"} 4
                node_network_receive_compressed_total{device="eth0"} 5
                node_network_receive_multicast_total{device="eth0"} 6
                node_network_transmit_bytes_total{device="eth0"} 20464
                node_network_transmit_packets_total{device="eth0"} 82
                node_network_transmit_errs_total{device="eth0"} 7
                node_network_transmit_drop_total{device="eth0"} 8
                node_network_transmit_fifo_total{device="eth0"} 9
                node_network_transmit_colls_total{device="eth0"} 10
                node_network_transmit_carrier_total{device="eth0"} 11
                node_network_transmit_compressed_total{device="eth0"} 12
            "#]],
        );
    }

    #[test]
    fn a_name_that_touches_its_first_number() {
        check(
            parse,
            &format!("{HEAD}veth4B09XN:648 8 0 0 0 0 0 0 1943284640 1 0 0 0 0 0 0\n"),
            expect![[r#"
                node_network_receive_bytes_total{device="veth4B09XN"} 648
                node_network_receive_packets_total{device="veth4B09XN"} 8
                node_network_receive_errs_total{device="veth4B09XN"} 0
                node_network_receive_drop_total{device="veth4B09XN"} 0
                node_network_receive_fifo_total{device="veth4B09XN"} 0
                node_network_receive_frame_total{device="veth4B09XN"} 0
                node_network_receive_compressed_total{device="veth4B09XN"} 0
                node_network_receive_multicast_total{device="veth4B09XN"} 0
                node_network_transmit_bytes_total{device="veth4B09XN"} 1943284640
                node_network_transmit_packets_total{device="veth4B09XN"} 1
                node_network_transmit_errs_total{device="veth4B09XN"} 0
                node_network_transmit_drop_total{device="veth4B09XN"} 0
                node_network_transmit_fifo_total{device="veth4B09XN"} 0
                node_network_transmit_colls_total{device="veth4B09XN"} 0
                node_network_transmit_carrier_total{device="veth4B09XN"} 0
                node_network_transmit_compressed_total{device="veth4B09XN"} 0
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            &format!("{HEAD}eth0: 1 x\n"),
            expect![[r#"
            node_network_receive_bytes_total{device="eth0"} 1
            fault malformed: /proc/net/dev:3: expected a whole number, found "x"
        "#]],
        );
        check(
            parse,
            &format!("{HEAD}eth0 1 2\n"),
            expect![[r#"
            fault malformed: /proc/net/dev:3: expected a device and a colon, found "eth0 1 2"
        "#]],
        );
        check(
            parse,
            HEAD,
            expect![[r#"
            fault malformed: /proc/net/dev:1: expected network devices, found ""
        "#]],
        );
    }
}
