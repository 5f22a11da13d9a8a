//! The routing table, and how many routes lead through each device.

mod route;

use crate::netlink::{DUMP, Protocol, Request, ask, links};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
use route::{BODY_BYTES, Route};
use std::collections::{BTreeMap, BTreeSet};

static INFO: Metric = Metric::gauge(
    "node_network_route_info",
    "A route; the value is always 1.",
    &["dest", "device", "gw", "priority", "proto", "src", "weight"],
);
static ROUTES: Metric = Metric::gauge("node_network_routes", "Number of routes by device", &["device"]);

const GET_ROUTE: u16 = 26;
/// Beyond this many, routes are counted only, and a gap says so.
const ROUTES_MAX: usize = 1000;

pub static SPEC: Spec = Spec {
    name: "network_route",
    about: "the routing table; needs AF_NETLINK",
    doc: "rtnetlink(7)",
    reads: &[],
    metrics: &[&INFO, &ROUTES],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::ASIDE
};

/// A captured host has no routing table.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    if !host.is_live() {
        return Err(Fault::Missing { what: "netlink route of a captured host".to_owned() });
    }
    let (links, mut told) = (links()?, Told::default());
    ask(Protocol::Route, Request::new(GET_ROUTE, DUMP, 1, &[0; BODY_BYTES]), |message| {
        route::parse(&message, &mut |link, route| {
            told.add(links.get(&link).map_or("", String::as_str), route, out)
        });
        Ok(())
    })?;
    told.push(out);
    Ok(())
}

#[derive(Default)]
struct Told {
    /// A route that several tables have is told once.
    series: BTreeSet<[String; 7]>,
    counts: BTreeMap<String, u64>,
    left_out: bool,
}

impl Told {
    fn add(&mut self, device: &str, route: Route, out: &mut Batch) {
        *self.counts.entry(device.to_owned()).or_default() += 1;
        if self.series.len() >= ROUTES_MAX {
            self.left_out = true;
            return;
        }
        let Route { destination, gateway, priority, protocol, source, weight } = route;
        let labels = [destination, device.to_owned(), gateway, priority, protocol.to_owned(), source, weight];
        if !self.series.contains(&labels) {
            out.push(&INFO, &labels.each_ref().map(String::as_str), 1.0);
            self.series.insert(labels);
        }
    }

    fn push(&self, out: &mut Batch) {
        self.counts.iter().for_each(|(device, count)| out.push(&ROUTES, &[device], *count as f64));
        if self.left_out {
            out.push_gap(INFO.name, "the first 1000 routes are given, the others are only counted", "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::exposition;
    use expect_test::expect;

    fn route(destination: &str) -> Route {
        Route { destination: destination.to_owned(), protocol: "kernel", ..Route::default() }
    }

    #[test]
    fn a_route_of_two_tables_is_told_once() {
        let (mut told, mut out) = (Told::default(), Batch::new());
        ["default", "default"].iter().for_each(|dest| told.add("eth0", route(dest), &mut out));
        told.push(&mut out);
        expect![[r#"
            node_network_route_info{dest="default",device="eth0",gw="",priority="",proto="kernel",src="",weight=""} 1
            node_network_routes{device="eth0"} 2
        "#]]
        .assert_eq(&exposition(&out));
    }

    #[test]
    fn routes_have_a_bound() {
        let (mut told, mut out) = (Told::default(), Batch::new());
        (0..ROUTES_MAX + 5).for_each(|n| told.add("eth0", route(&n.to_string()), &mut out));
        told.push(&mut out);
        assert_eq!((out.len(), out.gaps().len()), (ROUTES_MAX + 1, 1));
    }

    #[test]
    fn the_live_host_answers_and_a_captured_one_does_not() {
        assert_eq!(collect(&mut Host::new("/"), &mut Batch::new()), Ok(()));
        assert!(collect(&mut Host::new("/nonexistent"), &mut Batch::new()).is_err());
    }
}
