//! Counters of the IP, ICMP, TCP and UDP layers.
//!
//! Some four hundred counters exist and few are wanted, in each tick. So what is wanted is found out once, and
//! again when a kernel module brings new counters; a run then steps through the values only.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use regex::Regex;

static STATISTIC: Metric =
    Metric::untyped("node_netstat_*", "Counter of a layer of the network, as nstat(8) shows it.", &[]);

const NETSTAT: &str = "/proc/net/netstat";
const SNMP: &str = "/proc/net/snmp";
const SNMP6: &str = "/proc/net/snmp6";

/// What node_exporter takes unless told otherwise.
const FIELDS: &str = ".*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|\
    Icmp6?_(InMsgs|OutMsgs)|\
    TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|\
    Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|\
    Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors)";

static SETTINGS: [Setting; 1] = [Setting {
    name: "fields",
    about: "Only counters with such a name, as in Tcp_InSegs, are given.",
    default: Preset::Pattern(FIELDS),
}];

pub static SPEC: Spec = Spec {
    name: "netstat",
    about: "counters of the IP, ICMP, TCP and UDP layers",
    doc: "networking/snmp_counter",
    reads: &[NETSTAT, SNMP, SNMP6],
    metrics: &[&STATISTIC],
    settings: &SETTINGS,
    start: |settings| Box::new(Netstat::new(settings)),
    ..Spec::INLINE
};

struct Netstat {
    fields: Option<Regex>,
    netstat: Vec<Layer>,
    snmp: Vec<Layer>,
    snmp6: Vec<Entry>,
}

/// A pair of lines whose names have been looked at.
struct Layer {
    names: String,
    /// How many values are passed over before each that is wanted, and its name.
    wanted: Vec<(usize, String)>,
}

/// A line of a list whose name has been looked at.
struct Entry {
    word: String,
    /// The name, if it is wanted.
    name: Option<String>,
}

impl Probe for Netstat {
    /// A kernel without IPv6 has no `snmp6`, and that is no fault.
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let fields = self.fields.as_ref();
        parse_pairs(NETSTAT, host.read(NETSTAT)?, fields, &mut self.netstat, out)?;
        parse_pairs(SNMP, host.read(SNMP)?, fields, &mut self.snmp, out)?;
        match host.read(SNMP6) {
            Ok(text) => parse_list(text, fields, &mut self.snmp6, out),
            Err(Fault::Missing { .. }) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

impl Netstat {
    fn new(settings: &Settings) -> Self {
        let fields = settings.pattern("fields").cloned();
        Netstat { fields, netstat: Vec::new(), snmp: Vec::new(), snmp6: Vec::new() }
    }
}

fn is_wanted(fields: Option<&Regex>, name: &str) -> bool {
    fields.is_none_or(|fields| fields.is_match(name))
}

/// Pairs of lines: `Tcp: RtoMin MaxConn …`, then `Tcp: 200 -1 …`.
fn parse_pairs(
    file: &str,
    text: &str,
    fields: Option<&Regex>,
    layers: &mut Vec<Layer>,
    out: &mut Batch,
) -> Result<(), Fault> {
    let mut rest = text.lines().zip(lines(file, text));
    let mut found = 0;
    while let Some((names, line)) = rest.next() {
        let (_, values) = rest.next().ok_or_else(|| line.fault("", "a line of values below"))?;
        if layers.get(found).is_none_or(|layer| layer.names != names) {
            layers.truncate(found);
            layers.push(Layer::new(names, fields));
        }
        push_layer(&layers[found], line, values, out)?;
        found += 1;
    }
    if found == 0 { Err(Fault::malformed(file, 1, "", "counters of network layers")) } else { Ok(()) }
}

impl Layer {
    fn new(names: &str, fields: Option<&Regex>) -> Self {
        let (layer, rest) = names.split_once(':').unwrap_or((names, ""));
        let (mut wanted, mut passed) = (Vec::new(), 0);
        for name in rest.split_whitespace().map(|name| format!("{layer}_{name}")) {
            if is_wanted(fields, &name) {
                wanted.push((std::mem::take(&mut passed), name));
            } else {
                passed += 1;
            }
        }
        Layer { names: names.to_owned(), wanted }
    }
}

fn push_layer(
    layer: &Layer,
    mut names: Line<'_>,
    mut values: Line<'_>,
    out: &mut Batch,
) -> Result<(), Fault> {
    let again = values.word().unwrap_or("");
    if !again.ends_with(':') || Some(again) != names.word() {
        return Err(values.fault(again, "the layer of the line above"));
    }
    for (passed, name) in &layer.wanted {
        let value = values.nth_word(*passed);
        let value = value.ok_or_else(|| values.fault("", "as many values as names"))?;
        out.push_named(&STATISTIC, name, &[], values.as_integer(value)?);
    }
    Ok(())
}

/// `Icmp6InMsgs  104`: the layer ends with its 6.
fn parse_list(
    text: &str,
    fields: Option<&Regex>,
    entries: &mut Vec<Entry>,
    out: &mut Batch,
) -> Result<(), Fault> {
    let before = out.len();
    for (index, mut line) in lines(SNMP6, text).enumerate() {
        let word = line.word().unwrap_or("");
        if entries.get(index).is_none_or(|entry| entry.word != word) {
            entries.truncate(index);
            entries.push(Entry::new(word, fields));
        }
        if let Some(name) = &entries[index].name {
            out.push_named(&STATISTIC, name, &[], line.count()?);
        }
    }
    if entries.iter().all(|entry| entry.word.is_empty()) {
        return not_empty(SNMP6, before, out, "counters of IPv6");
    }
    Ok(())
}

impl Entry {
    fn new(word: &str, fields: Option<&Regex>) -> Self {
        let name = word.find('6').map(|at| format!("{}_{}", &word[..=at], &word[at + 1..]));
        Entry { word: word.to_owned(), name: name.filter(|name| is_wanted(fields, name)) }
    }
}

#[cfg(test)]
mod tests {
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
}
