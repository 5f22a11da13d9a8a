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

mod attributes;
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

mod bcache;
mod bcachefs;
mod btrfs;
mod dmmultipath;
mod drbd;
mod integrity;
mod mdadm;
mod nvme;
mod smart;
mod swap;
mod tapestats;
mod xfs;
mod zfs;

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
    &bcache::SPEC,
    &bcachefs::SPEC,
    &btrfs::SPEC,
    &dmmultipath::SPEC,
    &drbd::SPEC,
    &integrity::SPEC,
    &mdadm::SPEC,
    &nvme::SPEC,
    &smart::SPEC,
    &swap::SPEC,
    &tapestats::SPEC,
    &xfs::SPEC,
    &zfs::SPEC,
];
