//! Energy that processors and memory have used, by the counters of the processor.

use crate::{Fault, Host, Preset, Setting, Spec, attributes};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;

static ZONE: Metric = Metric::counter(
    "node_rapl_*_joules_total",
    "Energy that the zone in the name used, in joules; starts again at zero when its counter is full.",
    &["index", "path"],
);
static ANY: Metric = Metric::counter(
    "node_rapl_joules_total",
    "Energy that the zone used, in joules; starts again at zero when its counter is full.",
    &["index", "path", "rapl_zone"],
);

const DIRECTORY: &str = "/sys/class/powercap";
/// The counters are for root alone, because what a processor does can be guessed from them (CVE-2020-8694).
const GRANT: &str = "echo 'z /sys/class/powercap/*/energy_uj 0440 root hostward' \
                     >/etc/tmpfiles.d/hostward-rapl.conf && systemd-tmpfiles --create";

pub static SPEC: Spec = Spec {
    name: "rapl",
    about: "energy that processors and memory use, where an administrator lets hostward read it",
    doc: "power/powercap/powercap.rst",
    reads: &[DIRECTORY],
    metrics: &[&ZONE, &ANY],
    every_ms: 10_000,
    settings: &[Setting {
        name: "enable_zone_label",
        about: "Whether the zone is a label of one metric, and not a part of the name of many.",
        default: Preset::Flag(false),
    }],
    start: |settings| {
        let label = settings.flag("enable_zone_label");
        Box::new(move |host: &mut Host, out: &mut Batch| collect(host, label, out))
    },
    // A counter may have to be asked of another CPU.
    ..Spec::ASIDE
};

fn collect(host: &mut Host, label: bool, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let (mut indices, mut result) = (BTreeMap::new(), Ok(()));
    for entry in attributes::entries(host, DIRECTORY, out)? {
        let path = format!("{DIRECTORY}/{entry}");
        let name = attributes::label(host, &path, "name");
        if name.is_empty() {
            continue;
        }
        let (name, index) = split(&name, &mut indices);
        match host.number(format_args!("{path}/energy_uj")) {
            Ok(Some(microjoules)) if label => out.push(&ANY, &[&index, &path, &name], microjoules / 1e6),
            Ok(Some(microjoules)) => out.push_named(&ZONE, &name, &[&index, &path], microjoules / 1e6),
            Ok(None) => {}
            Err(fault) => result = result.and(Err(fault.with_grant(GRANT))),
        }
    }
    match result {
        Ok(()) if out.len() == before => Err(Fault::Missing { what: format!("{DIRECTORY}/*/energy_uj") }),
        result => result,
    }
}

/// `package-0` has its index with it; zones of the same name are counted.
fn split(name: &str, indices: &mut BTreeMap<String, u32>) -> (String, String) {
    if let Some((name, index)) = name.split_once('-').filter(|(_, index)| index.parse::<u32>().is_ok()) {
        return (name.to_owned(), index.to_owned());
    }
    let next = indices.entry(name.to_owned()).or_default();
    *next += 1;
    (name.to_owned(), (*next - 1).to_string())
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::Value;
    use crate::testing::check_host;
    use expect_test::expect;

    const FILES: [(&str, &str); 7] = [
        ("/sys/class/powercap/intel-rapl/enabled", "1\n"),
        ("/sys/class/powercap/intel-rapl:0/name", "package-0\n"),
        ("/sys/class/powercap/intel-rapl:0/energy_uj", "240422366267\n"),
        ("/sys/class/powercap/intel-rapl:0:0/name", "dram\n"),
        ("/sys/class/powercap/intel-rapl:0:0/energy_uj", "1000000\n"),
        ("/sys/class/powercap/intel-rapl:1:0/name", "dram\n"),
        ("/sys/class/powercap/intel-rapl:1:0/energy_uj", "2000000\n"),
    ];

    #[test]
    fn zones_of_the_same_name_are_counted() {
        check_host(
            &SPEC,
            &[],
            &FILES,
            expect![[r#"
            node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0"} 240422.366267
            node_rapl_dram_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:0"} 1
            node_rapl_dram_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1:0"} 2
        "#]],
        );
    }

    #[test]
    fn the_zone_as_a_label() {
        check_host(
            &SPEC,
            &[("enable_zone_label", Value::Flag(true))],
            &FILES[..5],
            expect![[r#"
            node_rapl_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0",rapl_zone="package"} 240422.366267
            node_rapl_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:0",rapl_zone="dram"} 1
        "#]],
        );
    }

    #[test]
    fn a_host_without_counters() {
        check_host(
            &SPEC,
            &[],
            &FILES[..1],
            expect![[r#"
            fault missing: /sys/class/powercap/*/energy_uj: not on this host
        "#]],
        );
    }
}
