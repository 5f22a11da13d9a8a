//! How many neighbours each network device has addresses of.

use crate::words::lines;
use crate::{Fault, Filter, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;

static ENTRIES: Metric = Metric::gauge("node_arp_entries", "ARP entries by device", &["device"]);

const PATH: &str = "/proc/net/arp";
/// Entries of more devices than this are left out, and a gap says so.
const DEVICES_MAX: usize = 1024;

static SETTINGS: [Setting; 2] = [
    Setting {
        name: "device_include",
        about: "Only entries of devices with such a name are counted.",
        default: Preset::Pattern(""),
    },
    Setting {
        name: "device_exclude",
        about: "Entries of devices with such a name are not counted.",
        default: Preset::Pattern(""),
    },
];

pub static SPEC: Spec = Spec {
    name: "arp",
    about: "IPv4 neighbours by network device",
    doc: "proc_pid_net(5)",
    reads: &[PATH],
    metrics: &[&ENTRIES],
    settings: &SETTINGS,
    start: |settings| Box::new(Arp::new(settings)),
    ..Spec::INLINE
};

/// Keeps the names of devices, so that counting allocates nothing.
struct Arp {
    filter: Filter,
    counts: BTreeMap<String, u64>,
}

impl Probe for Arp {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        self.parse(host.read(PATH)?, out)
    }
}

impl Arp {
    fn new(settings: &Settings) -> Self {
        Arp { filter: settings.filter("device_include", "device_exclude"), counts: BTreeMap::new() }
    }

    /// A heading, then a line for each entry that ends with its device.
    fn parse(&mut self, text: &str, out: &mut Batch) -> Result<(), Fault> {
        self.counts.values_mut().for_each(|count| *count = 0);
        let mut rest = lines(PATH, text);
        let heading = rest.next().and_then(|mut heading| heading.word());
        if heading != Some("IP") {
            return Err(Fault::malformed(PATH, 1, heading.unwrap_or(""), "the heading of the table"));
        }
        let mut result = Ok(());
        for mut line in rest {
            match line.nth_word(5) {
                Some(device) if self.filter.takes(device) => self.count(device, out),
                Some(_) => {}
                None => result = result.and(Err(line.fault("", "six fields"))),
            }
        }
        self.counts.retain(|_, count| *count > 0);
        self.counts.iter().for_each(|(device, count)| out.push(&ENTRIES, &[device], *count as f64));
        result
    }

    fn count(&mut self, device: &str, out: &mut Batch) {
        if let Some(count) = self.counts.get_mut(device) {
            *count += 1;
        } else if self.counts.len() < DEVICES_MAX {
            self.counts.insert(device.to_owned(), 1);
        } else if out.gaps().is_empty() {
            out.push_gap(PATH, "entries of the first 1024 devices are counted, the others are not", "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::check;
    use expect_test::expect;

    const HEAD: &str = "IP address       HW type     Flags       HW address            Mask     Device\n";

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        let mut settings = Settings::new(&SETTINGS);
        settings.set("device_exclude", Value::Text("nope".to_owned())).unwrap();
        Arp::new(&settings).parse(text, out)
    }

    #[test]
    fn entries_by_device() {
        check(
            parse,
            &format!(
                "{HEAD}192.168.1.1 0x1 0x2 cc:aa:dd:ee:aa:bb * eth0\n192.168.1.2 0x1 0x0 00:00:00:00:00:00 * eth0\n\
                 10.0.0.1 0x1 0x2 de:ad:be:ef:00:00 * nope\n10.0.0.2 0x1 0x2 de:ad:be:ef:00:01 * eth1\n"
            ),
            expect![[r#"
                node_arp_entries{device="eth0"} 2
                node_arp_entries{device="eth1"} 1
            "#]],
        );
        check(parse, HEAD, expect![""]);
    }

    #[test]
    fn a_device_without_entries_is_forgotten() {
        let mut arp = Arp::new(&Settings::new(&SETTINGS));
        let line = "192.168.1.1 0x1 0x2 cc:aa:dd:ee:aa:bb * eth0\n";
        arp.parse(&format!("{HEAD}{line}"), &mut Batch::new()).unwrap();
        check(|text, out| arp.parse(text, out), HEAD, expect![""]);
    }

    #[test]
    fn devices_have_a_bound() {
        let line = |n| format!("10.0.0.1 0x1 0x2 de:ad:be:ef:00:00 * eth{n}\n");
        let text: String = std::iter::once(HEAD.to_owned()).chain((0..DEVICES_MAX + 2).map(line)).collect();
        let mut out = Batch::new();
        Arp::new(&Settings::new(&SETTINGS)).parse(&text, &mut out).unwrap();
        assert_eq!((out.len(), out.gaps().len()), (DEVICES_MAX, 1));
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            &format!("{HEAD}192.168.1.1 0x1\n10.0.0.2 0x1 0x2 de:ad:be:ef:00:01 * eth1\n"),
            expect![[r#"
                node_arp_entries{device="eth1"} 1
                fault malformed: /proc/net/arp:2: expected six fields, found ""
            "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
                fault malformed: /proc/net/arp:1: expected the heading of the table, found ""
            "#]],
        );
    }
}
