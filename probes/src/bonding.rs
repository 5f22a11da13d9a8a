//! Bonded network devices and how many of their links are up.

use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static SLAVES: Metric =
    Metric::gauge("node_bonding_slaves", "Number of configured slaves per bonding interface.", &["master"]);
static ACTIVE: Metric =
    Metric::gauge("node_bonding_active", "Number of active slaves per bonding interface.", &["master"]);

const DIRECTORY: &str = "/sys/class/net";
const MASTERS: &str = "/sys/class/net/bonding_masters";
/// More links or bonds than this are left out, and a gap says so.
const LINKS_MAX: usize = 256;

pub static SPEC: Spec = Spec {
    name: "bonding",
    about: "links of bonded network devices",
    doc: "networking/bonding",
    reads: &[MASTERS, DIRECTORY],
    metrics: &[&SLAVES, &ACTIVE],
    every_ms: 5_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// One bond that cannot be read does not hide the others.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let masters = host.read(MASTERS)?.to_owned();
    let mut result = Ok(());
    for master in bounded(MASTERS, &masters, out) {
        result = result.and(collect_bond(host, master, out));
    }
    result
}

fn collect_bond(host: &mut Host, master: &str, out: &mut Batch) -> Result<(), Fault> {
    let slaves = host.attribute(format_args!("{DIRECTORY}/{master}/bonding/slaves"))?.map(str::to_owned);
    let Some(slaves) = slaves else { return Ok(()) };
    let slaves = bounded(&format!("{DIRECTORY}/{master}/bonding/slaves"), &slaves, out);
    let mut active = 0;
    for slave in &slaves {
        active += u32::from(is_up(host, master, slave)?);
    }
    out.push(&SLAVES, &[master], slaves.len() as f64);
    out.push(&ACTIVE, &[master], f64::from(active));
    Ok(())
}

/// The link to a slave is called `slave_eth0` before Linux 3.13 and `lower_eth0` since.
fn is_up(host: &mut Host, master: &str, slave: &str) -> Result<bool, Fault> {
    for name in ["lower", "slave"] {
        let status = format_args!("{DIRECTORY}/{master}/{name}_{slave}/bonding_slave/mii_status");
        if let Some(status) = host.attribute(status)? {
            return Ok(status == "up");
        }
    }
    let what = format!("{DIRECTORY}/{master}/lower_{slave}/bonding_slave/mii_status");
    Err(Fault::Missing { what })
}

/// The words of a list, not more than are looked at.
fn bounded<'a>(path: &str, list: &'a str, out: &mut Batch) -> Vec<&'a str> {
    let mut words: Vec<&str> = list.split_whitespace().collect();
    if words.len() > LINKS_MAX {
        words.truncate(LINKS_MAX);
        out.push_gap(path, "the first 256 names are looked at, the others are not", "");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;

    #[test]
    fn links_by_bond() {
        let tree = Tree::new(&[
            ("/sys/class/net/bonding_masters", "bond0 int dmz\n"),
            ("/sys/class/net/bond0/bonding/slaves", "\n"),
            ("/sys/class/net/int/bonding/slaves", "eth5 eth1\n"),
            ("/sys/class/net/int/lower_eth5/bonding_slave/mii_status", "down\n"),
            ("/sys/class/net/int/slave_eth1/bonding_slave/mii_status", "up\n"),
        ]);
        expect![[r#"
            node_bonding_slaves{master="bond0"} 0
            node_bonding_active{master="bond0"} 0
            node_bonding_slaves{master="int"} 2
            node_bonding_active{master="int"} 1
        "#]]
        .assert_eq(&tree.shown(&SPEC));
    }

    #[test]
    fn a_link_that_is_not_there_is_no_link_that_is_down() {
        let tree = Tree::new(&[
            ("/sys/class/net/bonding_masters", "int b\n"),
            ("/sys/class/net/int/bonding/slaves", "eth5\n"),
            ("/sys/class/net/b/bonding/slaves", ""),
        ]);
        expect![[r#"
            node_bonding_slaves{master="b"} 0
            node_bonding_active{master="b"} 0
            fault missing: /sys/class/net/int/lower_eth5/bonding_slave/mii_status: not on this host
        "#]]
        .assert_eq(&tree.shown(&SPEC));
    }
}
