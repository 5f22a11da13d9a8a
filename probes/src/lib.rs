//! The eyes of hostward: the only crate that reads the host.
//!
//! A probe is a file: it declares its metrics, reads text, parses it, and tests the parsing. It remembers
//! nothing between runs, except where a log is followed. [`PROBES`] is the one list of them.

mod host;
mod probe;
mod settings;
#[cfg(test)]
mod testing;
mod words;
mod zone;

mod authlog;
mod conntrack;
mod cpu;
mod diskstats;
pub mod facts;
mod filefd;
mod filesystem;
mod loadavg;
mod meminfo;
mod netclass;
mod netdev;
mod netstat;
mod os;
mod pressure;
mod processes;
mod sockstat;
mod stat;
mod throttle;
mod time;
mod udev;
mod uname;
mod vmstat;

mod arp;
mod bonding;
mod fibrechannel;
mod inet;
mod infiniband;
mod ipvs;
mod listeners;
mod lnstat;
mod mountstats;
mod netlink;
mod network_route;
mod nfs;
mod nfsd;
mod qdisc;
mod softnet;
mod tcpstat;
mod udp_queues;
mod wifi;
mod xfrm;

pub use host::Host;
pub use probe::{Fault, Pace, Probe, Spec};
pub use settings::{Filter, Preset, Setting, Settings, Value};

/// Every built-in probe, in the order in which a tick runs them.
pub static PROBES: &[&Spec] = &[
    &cpu::SPEC,
    &stat::SPEC,
    &loadavg::SPEC,
    &pressure::SPEC,
    &meminfo::SPEC,
    &vmstat::SPEC,
    &diskstats::SPEC,
    &netdev::SPEC,
    &netstat::SPEC,
    &sockstat::SPEC,
    &filefd::SPEC,
    &conntrack::SPEC,
    &time::SPEC,
    &uname::SPEC,
    &os::SPEC,
    &udev::SPEC,
    &netclass::SPEC,
    &throttle::SPEC,
    &filesystem::SPEC,
    &processes::SPEC,
    &authlog::SPEC,
    &arp::SPEC,
    &bonding::SPEC,
    &fibrechannel::SPEC,
    &infiniband::SPEC,
    &ipvs::SPEC,
    &listeners::SPEC,
    &lnstat::SPEC,
    &mountstats::SPEC,
    &network_route::SPEC,
    &nfs::SPEC,
    &nfsd::SPEC,
    &qdisc::SPEC,
    &softnet::SPEC,
    &tcpstat::SPEC,
    &udp_queues::SPEC,
    &wifi::SPEC,
    &xfrm::SPEC,
];
