//! The eyes of hostward: the only crate that reads the host.
//!
//! A probe is a file: it declares its metrics, reads text, parses it, and tests the parsing. It remembers
//! nothing between runs, except where a log is followed. [`PROBES`] is the one list of them.

mod cgroup;
mod child;
mod host;
mod journalctl;
mod probe;
mod roster;
mod settings;
mod split;
mod systemctl;
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

mod containers;
mod journal;
mod restarts;
mod sessions;
mod systemd;
mod units;

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
    &containers::SPEC,
    &journal::SPEC,
    &restarts::SPEC,
    &sessions::SPEC,
    &systemd::SPEC,
    &units::SPEC,
];
