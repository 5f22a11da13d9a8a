//! Counters of the IP, ICMP, TCP and UDP layers.

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static IP: Metric = Metric::untyped("node_netstat_Ip_*", "Statistic of the Ip layer.", &[]);
static IP_EXT: Metric = Metric::untyped("node_netstat_IpExt_*", "Statistic of the IpExt layer.", &[]);
static IP6: Metric = Metric::untyped("node_netstat_Ip6_*", "Statistic of the Ip6 layer.", &[]);
static ICMP: Metric = Metric::untyped("node_netstat_Icmp_*", "Statistic of the Icmp layer.", &[]);
static ICMP6: Metric = Metric::untyped("node_netstat_Icmp6_*", "Statistic of the Icmp6 layer.", &[]);
static TCP: Metric = Metric::untyped("node_netstat_Tcp_*", "Statistic of the Tcp layer.", &[]);
static TCP_EXT: Metric = Metric::untyped("node_netstat_TcpExt_*", "Statistic of the TcpExt layer.", &[]);
static UDP: Metric = Metric::untyped("node_netstat_Udp_*", "Statistic of the Udp layer.", &[]);
static UDP6: Metric = Metric::untyped("node_netstat_Udp6_*", "Statistic of the Udp6 layer.", &[]);
static UDP_LITE: Metric = Metric::untyped("node_netstat_UdpLite_*", "Statistic of the UdpLite layer.", &[]);
static UDP_LITE6: Metric =
    Metric::untyped("node_netstat_UdpLite6_*", "Statistic of the UdpLite6 layer.", &[]);

const NETSTAT: &str = "/proc/net/netstat";
const SNMP: &str = "/proc/net/snmp";
const SNMP6: &str = "/proc/net/snmp6";

pub static SPEC: Spec = Spec {
    name: "netstat",
    about: "counters of the IP, ICMP, TCP and UDP layers",
    doc: "networking/snmp_counter",
    reads: &[NETSTAT, SNMP, SNMP6],
    metrics: &[&IP, &IP_EXT, &IP6, &ICMP, &ICMP6, &TCP, &TCP_EXT, &UDP, &UDP6, &UDP_LITE, &UDP_LITE6],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// A kernel without IPv6 has no `snmp6`, and that is no fault.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse_pairs(NETSTAT, host.read(NETSTAT)?, out)?;
    parse_pairs(SNMP, host.read(SNMP)?, out)?;
    match host.read(SNMP6) {
        Ok(text) => parse_list(text, out),
        Err(Fault::Missing { .. }) => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// Pairs of lines: `Tcp: RtoMin MaxConn …`, then `Tcp: 200 -1 …`.
fn parse_pairs(file: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let mut rest = lines(file, text);
    while let Some(mut names) = rest.next() {
        let layer = names.word().unwrap_or("");
        let mut values = rest.next().ok_or_else(|| names.fault("", "a line of values below"))?;
        let again = values.word().unwrap_or("");
        if again != layer {
            return Err(values.fault(again, "the layer of the line above"));
        }
        let metric = layer.strip_suffix(':').and_then(metric_of);
        while let Some(field) = names.word() {
            let value = values.word().ok_or_else(|| values.fault("", "as many values as names"))?;
            let Some(metric) = metric.filter(|metric| is_wanted(metric, field)) else { continue };
            out.push_named(metric, field, &[], values.as_integer(value)?);
        }
    }
    not_empty(file, before, out, "counters of network layers")
}

/// `Icmp6InMsgs  104`: the layer ends with its 6.
fn parse_list(text: &str, out: &mut Batch) -> Result<(), Fault> {
    for mut line in lines(SNMP6, text) {
        let Some(word) = line.word() else { continue };
        let (layer, field) = word.split_at(word.find('6').map_or(0, |at| at + 1));
        let Some(metric) = metric_of(layer).filter(|metric| is_wanted(metric, field)) else { continue };
        out.push_named(metric, field, &[], line.count()?);
    }
    Ok(())
}

fn metric_of(layer: &str) -> Option<&'static Metric> {
    match layer {
        "Ip" => Some(&IP),
        "IpExt" => Some(&IP_EXT),
        "Ip6" => Some(&IP6),
        "Icmp" => Some(&ICMP),
        "Icmp6" => Some(&ICMP6),
        "Tcp" => Some(&TCP),
        "TcpExt" => Some(&TCP_EXT),
        "Udp" => Some(&UDP),
        "Udp6" => Some(&UDP6),
        "UdpLite" => Some(&UDP_LITE),
        "UdpLite6" => Some(&UDP_LITE6),
        _ => None,
    }
}

/// Some four hundred fields exist; these are the ones that node_exporter takes unless told otherwise.
fn is_wanted(metric: &'static Metric, field: &str) -> bool {
    if matches!(field, "InErrors" | "InErrs") {
        return true;
    }
    match metric.name {
        "node_netstat_Ip_*" => field == "Forwarding",
        "node_netstat_Ip6_*" | "node_netstat_IpExt_*" => matches!(field, "InOctets" | "OutOctets"),
        "node_netstat_Icmp_*" | "node_netstat_Icmp6_*" => matches!(field, "InMsgs" | "OutMsgs"),
        "node_netstat_TcpExt_*" => is_wanted_of_tcp_ext(field),
        "node_netstat_Tcp_*" => is_wanted_of_tcp(field),
        "node_netstat_Udp_*" | "node_netstat_Udp6_*" => is_wanted_of_udp(field),
        _ => false,
    }
}

fn is_wanted_of_tcp_ext(field: &str) -> bool {
    field.starts_with("Listen")
        || field.starts_with("Syncookies")
        || matches!(field, "TCPSynRetrans" | "TCPTimeouts" | "TCPOFOQueue" | "TCPRcvQDrop")
}

fn is_wanted_of_tcp(field: &str) -> bool {
    let fields = ["ActiveOpens", "InSegs", "OutSegs", "OutRsts", "PassiveOpens", "RetransSegs", "CurrEstab"];
    fields.contains(&field)
}

fn is_wanted_of_udp(field: &str) -> bool {
    matches!(field, "InDatagrams" | "OutDatagrams" | "NoPorts" | "RcvbufErrors" | "SndbufErrors")
}

#[cfg(test)]
mod tests {
    use super::{NETSTAT, SNMP, parse_list};
    use crate::Fault;
    use crate::testing::check;
    use expect_test::expect;
    use hostward_model::Batch;

    fn snmp(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse_pairs(SNMP, text, out)
    }

    #[test]
    fn pairs_of_lines() {
        check(
            snmp,
            "Ip: Forwarding DefaultTTL\nIp: 1 64\nIcmpMsg: InType3\nIcmpMsg: 104\n\
             Tcp: RtoMax MaxConn ActiveOpens InErrs\nTcp: 120000 -1 3556 5\nUdpLite: InDatagrams InErrors\nUdpLite: 0 4\n",
            expect![[r#"
                node_netstat_Ip_Forwarding 1
                node_netstat_Tcp_ActiveOpens 3556
                node_netstat_Tcp_InErrs 5
                node_netstat_UdpLite_InErrors 4
            "#]],
        );
        check(
            |text, out| super::parse_pairs(NETSTAT, text, out),
            "TcpExt: SyncookiesSent TW ListenDrops TCPSynRetrans\nTcpExt: 1 388812 3 4\n\
             IpExt: InNoRoutes InOctets\nIpExt: 0 6286396970\n",
            expect![[r#"
                node_netstat_TcpExt_SyncookiesSent 1
                node_netstat_TcpExt_ListenDrops 3
                node_netstat_TcpExt_TCPSynRetrans 4
                node_netstat_IpExt_InOctets 6286396970
            "#]],
        );
    }

    #[test]
    fn a_list_of_ipv6() {
        check(
            parse_list,
            "Ip6InReceives                   \t7\nIp6InOctets \t460\nIcmp6InMsgs 0\nIcmp6OutType133 3\n\
             Udp6NoPorts 2\nUdpLite6InErrors 1\n",
            expect![[r#"
                node_netstat_Ip6_InOctets 460
                node_netstat_Icmp6_InMsgs 0
                node_netstat_Udp6_NoPorts 2
                node_netstat_UdpLite6_InErrors 1
            "#]],
        );
    }

    #[test]
    fn a_limit_of_minus_one_is_a_number() {
        check(
            snmp,
            "Tcp: CurrEstab InSegs\nTcp: -1 7\n",
            expect![[r#"
                node_netstat_Tcp_CurrEstab -1
                node_netstat_Tcp_InSegs 7
            "#]],
        );
    }

    #[test]
    fn lines_that_do_not_match_are_named() {
        check(
            snmp,
            "Tcp: ActiveOpens InErrs\nTcp: 3556\n",
            expect![[r#"
                node_netstat_Tcp_ActiveOpens 3556
                fault malformed: /proc/net/snmp:2: expected as many values as names, found ""
            "#]],
        );
        check(
            snmp,
            "Tcp: ActiveOpens\nUdp: 3556\n",
            expect![[r#"
                fault malformed: /proc/net/snmp:2: expected the layer of the line above, found "Udp:"
            "#]],
        );
        check(
            snmp,
            "Tcp: ActiveOpens\n",
            expect![[r#"
                fault malformed: /proc/net/snmp:1: expected a line of values below, found ""
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            snmp,
            "Tcp: InSegs ActiveOpens\nTcp: 1 many\n",
            expect![[r#"
                node_netstat_Tcp_InSegs 1
                fault malformed: /proc/net/snmp:2: expected a whole number, found "many"
            "#]],
        );
        check(
            parse_list,
            "Udp6NoPorts\n",
            expect![[r#"
                fault malformed: /proc/net/snmp6:1: expected a whole number, found ""
            "#]],
        );
        check(
            snmp,
            "",
            expect![[r#"
                fault malformed: /proc/net/snmp:1: expected counters of network layers, found ""
            "#]],
        );
    }
}
