//! The eyes of hostward: the only crate that reads the host.
//!
//! A probe is a file: it declares its metrics, reads text, parses it, and tests the parsing. It remembers
//! nothing between runs, except where a log is followed. [`PROBES`] is the one list of them.

mod cgroup;
mod child;
mod cpulist;
mod host;
mod journalctl;
mod probe;
mod roster;
mod settings;
mod split;
mod sysfs;
mod systemctl;
#[cfg(test)]
mod testing;
mod words;
mod zone;

mod attributes;
mod authlog;
mod certificates;
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
mod packages;
mod pressure;
mod processes;
mod reboot;
mod sockstat;
mod stat;
mod textfile;
mod throttle;
mod time;
mod timesync;
mod timex;
mod udev;
mod uname;
mod vmstat;

mod arp;
mod bcache;
mod bcachefs;
mod bonding;
mod btrfs;
mod buddyinfo;
mod cgroups;
mod containers;
mod cpu_online;
mod cpu_vulnerabilities;
mod cpufreq;
mod cpuinfo;
mod dmi;
mod dmmultipath;
mod drbd;
mod edac;
mod entropy;
mod fibrechannel;
mod hwmon;
mod inet;
mod infiniband;
mod integrity;
mod interrupts;
mod ipvs;
mod journal;
mod kernel_hung;
mod ksmd;
mod listeners;
mod lnstat;
mod mdadm;
mod meminfo_numa;
mod mountstats;
mod netlink;
mod network_route;
mod nfs;
mod nfsd;
mod nvme;
mod pcidevice;
mod powersupplyclass;
mod qdisc;
mod rapl;
mod restarts;
mod schedstat;
mod selinux;
mod sessions;
mod slabinfo;
mod smart;
mod softirqs;
mod softnet;
mod swap;
mod sysctl;
mod systemd;
mod tapestats;
mod tcpstat;
mod thermal_zone;
mod threads;
mod udp_queues;
mod units;
mod watchdog;
mod wifi;
mod xfrm;
mod xfs;
mod zfs;
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
    &textfile::SPEC,
    &certificates::SPEC,
    &packages::SPEC,
    &reboot::SPEC,
    &timesync::SPEC,
    &timex::SPEC,
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
    &containers::SPEC,
    &journal::SPEC,
    &restarts::SPEC,
    &sessions::SPEC,
    &systemd::SPEC,
    &units::SPEC,
];
