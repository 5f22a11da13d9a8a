//! The kernel's load balancer: traffic in all, connections and weight by backend.

mod table;

use crate::words::lines;
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;
use table::{Backend, LABELS};

const fn total(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, help, &[])
}

/// The columns of the file of totals, in their order.
static TOTALS: [Metric; 5] = [
    total("node_ipvs_connections_total", "The total number of connections made."),
    total("node_ipvs_incoming_packets_total", "The total number of incoming packets."),
    total("node_ipvs_outgoing_packets_total", "The total number of outgoing packets."),
    total("node_ipvs_incoming_bytes_total", "The total amount of incoming data."),
    total("node_ipvs_outgoing_bytes_total", "The total amount of outgoing data."),
];
static ACTIVE: Metric = Metric::gauge(
    "node_ipvs_backend_connections_active",
    "The current active connections by local and remote address.",
    &LABELS,
);
static INACTIVE: Metric = Metric::gauge(
    "node_ipvs_backend_connections_inactive",
    "The current inactive connections by local and remote address.",
    &LABELS,
);
static WEIGHT: Metric = Metric::gauge(
    "node_ipvs_backend_weight",
    "The current backend weight by local and remote address.",
    &LABELS,
);

const TOTALS_PATH: &str = "/proc/net/ip_vs_stats";
const TABLE_PATH: &str = "/proc/net/ip_vs";
/// Backends beyond this many are left out, and a gap says so.
const BACKENDS_MAX: usize = 4096;

static SETTINGS: [Setting; 1] = [Setting {
    name: "backend_labels",
    about: "What tells backends apart; numbers of those that look the same are summed.",
    default: Preset::List(&LABELS),
}];

pub static SPEC: Spec = Spec {
    name: "ipvs",
    about: "the kernel's load balancer: traffic, connections and weights of backends",
    doc: "ipvsadm(8)",
    reads: &[TOTALS_PATH, TABLE_PATH],
    metrics: &[&TOTALS[0], &TOTALS[1], &TOTALS[2], &TOTALS[3], &TOTALS[4], &ACTIVE, &INACTIVE, &WEIGHT],
    every_ms: 5_000,
    settings: &SETTINGS,
    start: |settings| Box::new(Ipvs::new(settings)),
    ..Spec::INLINE
};

struct Ipvs {
    /// Which of the labels are wanted.
    wanted: [bool; LABELS.len()],
}

/// Active and inactive connections, and weight.
type Numbers = [f64; 3];

impl Probe for Ipvs {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let totals = parse_totals(host.read(TOTALS_PATH)?, out);
        totals.and(self.parse_table(host.read(TABLE_PATH)?, out))
    }
}

impl Ipvs {
    fn new(settings: &Settings) -> Self {
        let labels = settings.list("backend_labels");
        Ipvs { wanted: LABELS.map(|label| labels.iter().any(|wanted| wanted == label)) }
    }

    fn parse_table(&self, text: &str, out: &mut Batch) -> Result<(), Fault> {
        let mut sums = BTreeMap::<[String; LABELS.len()], Numbers>::new();
        let mut left_out = 0u64;
        let result = table::backends(TABLE_PATH, text, |backend| {
            let key = self.key(&backend);
            if sums.len() == BACKENDS_MAX && !sums.contains_key(&key) {
                left_out += 1;
                return;
            }
            let sum = sums.entry(key).or_default();
            let numbers = [backend.active, backend.inactive, backend.weight];
            sum.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
        });
        for (labels, numbers) in &sums {
            let labels = labels.each_ref().map(String::as_str);
            let metrics = [&ACTIVE, &INACTIVE, &WEIGHT];
            metrics.iter().zip(numbers).for_each(|(metric, number)| out.push(metric, &labels, *number));
        }
        if left_out > 0 {
            out.push_gap(TABLE_PATH, "4096 backends are shown, the others are not", "");
        }
        result
    }

    /// A label that is not wanted is empty, which is the same as absent.
    fn key(&self, backend: &Backend<'_>) -> [String; LABELS.len()] {
        let mut labels = backend.labels();
        labels.iter_mut().zip(self.wanted).filter(|(_, wanted)| !wanted).for_each(|(label, _)| label.clear());
        labels
    }
}

/// Two lines of headings, then the totals in hexadecimal; what follows are rates.
fn parse_totals(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let missing = || Fault::malformed(TOTALS_PATH, 3, "", "a line of totals");
    let mut line = lines(TOTALS_PATH, text).nth(2).ok_or_else(missing)?;
    for metric in &TOTALS {
        let word = line.word().unwrap_or("");
        out.push(metric, &[], line.as_hex(word)? as f64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::check;
    use expect_test::expect;

    const TABLE: &str = "IP Virtual Server version 1.2.1 (size=4096)\n\
        Prot LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n\
        TCP  C0A80016:0CEA wlc\n  -> C0A85216:0CEA      Tunnel  100    248        2\n\
        \u{20} -> C0A85318:0CEA      Tunnel  100    248        1\n\
        FWM  10001000 wlc\n  -> [fd00:0000:0000:0000:0000:0000:0000:0001]:0050 Route 20 64 1\n";

    fn labelled(labels: &[&str]) -> Ipvs {
        let mut settings = Settings::new(&SETTINGS);
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        settings.set("backend_labels", Value::List(labels)).unwrap();
        Ipvs::new(&settings)
    }

    #[test]
    fn totals_in_hexadecimal() {
        check(
            parse_totals,
            "   Total Incoming Outgoing         Incoming         Outgoing\n   Conns  Packets  Packets            Bytes            Bytes\n 16AA370 E33656E5        0     51D8C8883AB3                0\n",
            expect![[r#"
                node_ipvs_connections_total 23765872
                node_ipvs_incoming_packets_total 3811989221
                node_ipvs_outgoing_packets_total 0
                node_ipvs_incoming_bytes_total 89991519156915
                node_ipvs_outgoing_bytes_total 0
            "#]],
        );
        check(
            parse_totals,
            "a\nb\n",
            expect![[r#"
                fault malformed: /proc/net/ip_vs_stats:3: expected a line of totals, found ""
            "#]],
        );
    }

    #[test]
    fn backends_are_told_apart_by_all_labels() {
        let all = labelled(&LABELS);
        check(
            |text, out| all.parse_table(text, out),
            TABLE,
            expect![[r#"
                node_ipvs_backend_connections_active{local_address="",local_port="0",remote_address="fd00::1",remote_port="80",proto="FWM",local_mark="10001000"} 64
                node_ipvs_backend_connections_inactive{local_address="",local_port="0",remote_address="fd00::1",remote_port="80",proto="FWM",local_mark="10001000"} 1
                node_ipvs_backend_weight{local_address="",local_port="0",remote_address="fd00::1",remote_port="80",proto="FWM",local_mark="10001000"} 20
                node_ipvs_backend_connections_active{local_address="192.168.0.22",local_port="3306",remote_address="192.168.82.22",remote_port="3306",proto="TCP",local_mark=""} 248
                node_ipvs_backend_connections_inactive{local_address="192.168.0.22",local_port="3306",remote_address="192.168.82.22",remote_port="3306",proto="TCP",local_mark=""} 2
                node_ipvs_backend_weight{local_address="192.168.0.22",local_port="3306",remote_address="192.168.82.22",remote_port="3306",proto="TCP",local_mark=""} 100
                node_ipvs_backend_connections_active{local_address="192.168.0.22",local_port="3306",remote_address="192.168.83.24",remote_port="3306",proto="TCP",local_mark=""} 248
                node_ipvs_backend_connections_inactive{local_address="192.168.0.22",local_port="3306",remote_address="192.168.83.24",remote_port="3306",proto="TCP",local_mark=""} 1
                node_ipvs_backend_weight{local_address="192.168.0.22",local_port="3306",remote_address="192.168.83.24",remote_port="3306",proto="TCP",local_mark=""} 100
            "#]],
        );
    }

    #[test]
    fn backends_with_equal_labels_are_summed() {
        let few = labelled(&["proto"]);
        check(
            |text, out| few.parse_table(text, out),
            TABLE,
            expect![[r#"
                node_ipvs_backend_connections_active{local_address="",local_port="",remote_address="",remote_port="",proto="FWM",local_mark=""} 64
                node_ipvs_backend_connections_inactive{local_address="",local_port="",remote_address="",remote_port="",proto="FWM",local_mark=""} 1
                node_ipvs_backend_weight{local_address="",local_port="",remote_address="",remote_port="",proto="FWM",local_mark=""} 20
                node_ipvs_backend_connections_active{local_address="",local_port="",remote_address="",remote_port="",proto="TCP",local_mark=""} 496
                node_ipvs_backend_connections_inactive{local_address="",local_port="",remote_address="",remote_port="",proto="TCP",local_mark=""} 3
                node_ipvs_backend_weight{local_address="",local_port="",remote_address="",remote_port="",proto="TCP",local_mark=""} 200
            "#]],
        );
    }

    #[test]
    fn what_came_before_nonsense_is_kept() {
        let few = labelled(&["proto"]);
        check(
            |text, out| few.parse_table(text, out),
            &TABLE.replace("248        1", "many 1"),
            expect![[r#"
                node_ipvs_backend_connections_active{local_address="",local_port="",remote_address="",remote_port="",proto="TCP",local_mark=""} 248
                node_ipvs_backend_connections_inactive{local_address="",local_port="",remote_address="",remote_port="",proto="TCP",local_mark=""} 2
                node_ipvs_backend_weight{local_address="",local_port="",remote_address="",remote_port="",proto="TCP",local_mark=""} 100
                fault malformed: /proc/net/ip_vs:6: expected a whole number, found "many"
            "#]],
        );
    }
}
