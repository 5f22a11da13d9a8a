//! The eyes of hostward: the only crate that reads the host.
//!
//! A probe is a file: it declares its metrics, reads text, parses it, and tests the parsing. It remembers
//! nothing between runs, except where a log is followed. [`PROBES`] is the one list of them.

mod cpulist;
mod host;
mod probe;
mod settings;
mod sysfs;
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

mod buddyinfo;
mod cgroups;
mod cpu_online;
mod cpu_vulnerabilities;
mod cpufreq;
mod cpuinfo;
mod dmi;
mod edac;
mod entropy;
mod hwmon;
mod interrupts;
mod kernel_hung;
mod ksmd;
mod meminfo_numa;
mod pcidevice;
mod powersupplyclass;
mod rapl;
mod schedstat;
mod selinux;
mod slabinfo;
mod softirqs;
mod sysctl;
mod thermal_zone;
mod threads;
mod watchdog;
mod zoneinfo;

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
    &buddyinfo::SPEC,
    &cgroups::SPEC,
    &cpu_online::SPEC,
    &cpu_vulnerabilities::SPEC,
    &cpufreq::SPEC,
    &cpuinfo::SPEC,
    &dmi::SPEC,
    &edac::SPEC,
    &entropy::SPEC,
    &hwmon::SPEC,
    &interrupts::SPEC,
    &kernel_hung::SPEC,
    &ksmd::SPEC,
    &meminfo_numa::SPEC,
    &pcidevice::SPEC,
    &powersupplyclass::SPEC,
    &rapl::SPEC,
    &schedstat::SPEC,
    &selinux::SPEC,
    &slabinfo::SPEC,
    &softirqs::SPEC,
    &sysctl::SPEC,
    &thermal_zone::SPEC,
    &threads::SPEC,
    &watchdog::SPEC,
    &zoneinfo::SPEC,
];
