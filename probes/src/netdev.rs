//! Traffic and errors of network devices.

mod addresses;

use crate::words::lines;
use crate::{Fault, Filter, Host, Preset, Setting, Spec};
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

static METRICS: [&Metric; COLUMNS.len() + 1] = {
    let mut metrics = [&addresses::INFO; COLUMNS.len() + 1];
    let mut at = 0;
    while at < COLUMNS.len() {
        metrics[at] = &COLUMNS[at];
        at += 1;
    }
    metrics
};

const PATH: &str = "/proc/net/dev";

static SETTINGS: [Setting; 3] = [
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
    Setting {
        name: "address_info",
        about: "Whether the addresses of devices are given, too; needs AF_NETLINK.",
        default: Preset::Flag(false),
    },
];

pub static SPEC: Spec = Spec {
    name: "netdev",
    about: "traffic and errors of network devices",
    doc: "proc_pid_net(5)",
    reads: &[PATH, addresses::PATH6],
    metrics: &METRICS,
    settings: &SETTINGS,
    start: |settings| {
        let filter = settings.filter("device_include", "device_exclude");
        let with_addresses = settings.flag("address_info");
        Box::new(move |host: &mut Host, out: &mut Batch| {
            let traffic = host.read(PATH).and_then(|text| parse(text, &filter, out));
            if with_addresses { traffic.and(addresses::collect(host, &filter, out)) } else { traffic }
        })
    },
    ..Spec::INLINE
};

/// Two lines of headings, then `  eth0: 1234 …`; before Linux 3 there was no space after the colon.
fn parse(text: &str, filter: &Filter, out: &mut Batch) -> Result<(), Fault> {
    let mut found = false;
    for (text, mut line) in text.lines().zip(lines(PATH, text)).skip(2) {
        let (device, _) = text.rsplit_once(':').ok_or_else(|| line.fault(text, "a device and a colon"))?;
        let device = device.trim();
        found = true;
        if !filter.takes(device) {
            continue;
        }
        let first = line.word().unwrap_or("").rsplit(':').next().filter(|word| !word.is_empty());
        for (column, metric) in COLUMNS.iter().enumerate() {
            let value = match first {
                Some(word) if column == 0 => line.as_count(word)?,
                _ => line.count()?,
            };
            out.push(metric, &[device], value);
        }
    }
    if found { Ok(()) } else { Err(Fault::malformed(PATH, 1, "", "network devices")) }
}

#[cfg(test)]
mod tests {
    use super::{Filter, SETTINGS};
    use crate::testing::check;
    use crate::{Fault, Settings, Value};
    use expect_test::expect;
    use hostward_model::Batch;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(text, &Filter::default(), out)
    }

    #[test]
    fn devices_that_are_not_wanted() {
        let mut settings = Settings::new(&SETTINGS);
        settings.set("device_exclude", Value::Text("veth.*".to_owned())).unwrap();
        let filter = settings.filter("device_include", "device_exclude");
        check(
            |text, out| super::parse(text, &filter, out),
            &format!("{HEAD}veth4B09XN:648 8 0 0 0 0 0 0 1943284640 1 0 0 0 0 0 0\n"),
            expect![""],
        );
    }

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
