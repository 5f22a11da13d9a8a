//! The eyes of hostward: the only crate that reads the host.
//!
//! A probe is a file: it declares its metrics, reads text, parses it, and tests the parsing. Most remember nothing
//! between runs; one that follows a log, or sums what comes and goes, does. [`PROBES`] is the one list of them.

// What probes are made of.
mod attributes;
mod cgroup;
mod child;
mod cpulist;
mod drop_in;
mod host;
mod inet;
mod journalctl;
mod netlink;
mod probe;
mod roster;
mod settings;
mod split;
mod systemctl;
#[cfg(test)]
mod testing;
mod words;
mod zone;

// What is judged by `harden`.
pub mod facts;
pub mod parser;

// For people, when an alert fires.
pub mod evidence;

// A file, or a folder, for each probe.
mod arp;
mod authlog;
mod bcache;
mod bcachefs;
mod bonding;
mod btrfs;
mod buddyinfo;
mod certificates;
mod cgroups;
mod conntrack;
mod containers;
mod cpu;
mod cpu_online;
mod cpu_vulnerabilities;
mod cpufreq;
mod cpuinfo;
mod diskstats;
mod dmi;
mod dmmultipath;
mod drbd;
mod edac;
mod entropy;
mod fibrechannel;
mod filefd;
mod filesystem;
mod hwmon;
mod infiniband;
mod integrity;
mod interrupts;
mod ipvs;
mod journal;
mod kernel_hung;
mod ksmd;
mod listeners;
mod lnstat;
mod loadavg;
mod mdadm;
mod meminfo;
mod meminfo_numa;
mod mountstats;
mod netclass;
mod netdev;
mod netstat;
mod network_route;
mod nfs;
mod nfsd;
mod nvme;
mod os;
mod packages;
mod pcidevice;
mod powersupplyclass;
mod pressure;
mod processes;
mod qdisc;
mod rapl;
mod reboot;
mod restarts;
mod schedstat;
mod selinux;
mod sessions;
mod slabinfo;
mod smart;
mod sockstat;
mod softirqs;
mod softnet;
mod stat;
mod swap;
mod sysctl;
mod systemd;
mod tapestats;
mod tcpstat;
mod textfile;
mod thermal_zone;
mod threads;
mod throttle;
mod time;
mod timesync;
mod timex;
mod udev;
mod udp_queues;
mod uname;
mod units;
mod vmstat;
mod watchdog;
mod wifi;
mod xfrm;
mod xfs;
mod zfs;
mod zoneinfo;

pub use host::Host;
pub use probe::{Fault, Pace, Probe, Spec};
pub use settings::{Filter, Preset, Setting, Settings, Value};
pub use textfile::{Row as ExpositionRow, rows as exposition_rows};

/// Every built-in probe, in the order in which a tick runs them.
pub static PROBES: &[&Spec] = &[
    // The machine as a whole, most of it in each second.
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
    // What host this is, its devices, files and programs.
    &uname::SPEC,
    &os::SPEC,
    &udev::SPEC,
    &netclass::SPEC,
    &throttle::SPEC,
    &filesystem::SPEC,
    &processes::SPEC,
    &authlog::SPEC,
    // What others tell, and what is due.
    &textfile::SPEC,
    &certificates::SPEC,
    &packages::SPEC,
    &reboot::SPEC,
    &timesync::SPEC,
    &timex::SPEC,
    // Network.
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
    // Disks, file systems and files.
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
    // Kernel and hardware.
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
    // Units, containers and sessions.
    &containers::SPEC,
    &journal::SPEC,
    &restarts::SPEC,
    &sessions::SPEC,
    &systemd::SPEC,
    &units::SPEC,
];
