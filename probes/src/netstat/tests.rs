//! Texts of the kernel, whole and broken.

use super::*;
use crate::Value;
use crate::testing::check;
use expect_test::expect;

fn fields(pattern: &str) -> Option<Regex> {
    let mut settings = Settings::new(&SETTINGS);
    settings.set("fields", Value::Text(pattern.to_owned())).unwrap();
    Netstat::new(&settings).fields
}

fn snmp(text: &str, out: &mut Batch) -> Result<(), Fault> {
    parse_pairs(SNMP, text, fields(FIELDS).as_ref(), &mut Vec::new(), out)
}

fn snmp6(text: &str, out: &mut Batch) -> Result<(), Fault> {
    parse_list(text, fields(FIELDS).as_ref(), &mut Vec::new(), out)
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
        snmp,
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
        snmp6,
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
fn every_counter_can_be_had() {
    let all = fields("");
    check(
        |text, out| parse_pairs(SNMP, text, all.as_ref(), &mut Vec::new(), out),
        "Icmp: InMsgs\nIcmp: 104\nMPTcpExt: MPCapableSYNRX\nMPTcpExt: 7\n",
        expect![[r#"
            node_netstat_Icmp_InMsgs 104
            node_netstat_MPTcpExt_MPCapableSYNRX 7
        "#]],
    );
}

/// The kernel got a module with counters between two runs.
#[test]
fn names_that_change_are_looked_at_again() {
    let (fields, mut layers, mut entries) = (fields(FIELDS), Vec::new(), Vec::new());
    let texts = [
        ("Tcp: InSegs OutSegs\nTcp: 1 2\n", "Ip6InOctets 5\n"),
        ("Sctp: X\nSctp: 9\nTcp: New InSegs OutSegs\nTcp: 8 3 4\n", "New6X 1\nIp6InOctets 6\n"),
    ];
    let mut out = Batch::new();
    for (pairs, list) in texts {
        parse_pairs(SNMP, pairs, fields.as_ref(), &mut layers, &mut out).unwrap();
        parse_list(list, fields.as_ref(), &mut entries, &mut out).unwrap();
    }
    expect![[r#"
        node_netstat_Tcp_InSegs 1
        node_netstat_Tcp_OutSegs 2
        node_netstat_Ip6_InOctets 5
        node_netstat_Tcp_InSegs 3
        node_netstat_Tcp_OutSegs 4
        node_netstat_Ip6_InOctets 6
    "#]]
    .assert_eq(&crate::testing::exposition(&out));
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
        snmp6,
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
