//! Counters of the IP, ICMP, TCP and UDP layers.
//!
//! Some four hundred counters exist and few are wanted, in each tick. So what is wanted is found out once, and
//! again when a kernel module brings new counters; a run then steps through the values only.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use regex::Regex;

static STATISTIC: Metric =
    Metric::untyped("node_netstat_*", "Counter of a layer of the network, as nstat(8) shows it.", &[])
        .growing_but(LEVELS);

/// What does not count among them.
const LEVELS: &[&str] = &[
    "Ip_Forwarding",
    "Ip_DefaultTTL",
    "Tcp_CurrEstab",
    "Tcp_MaxConn",
    "Tcp_RtoAlgorithm",
    "Tcp_RtoMax",
    "Tcp_RtoMin",
];

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
mod tests;
