//! The types of collectd that programs use: how many values each has, what they are called, and whether they count.
//!
//! After collectd's `types.db`; what belongs to one of its own plugins only (mysql, varnish, dns and the like) is left out.

use crate::exposition::Type;
use crate::unit::Unit;

/// One value of a type.
#[derive(Clone, Copy)]
pub struct Source {
    /// What it is called; empty for the only one.
    pub name: &'static str,
    pub kind: Type,
    pub unit: Unit,
    /// The type says nothing but the kind, and adds nothing to a name.
    pub plain: bool,
}

/// The values of a type, in their order.
pub fn named(kind: &str) -> Option<Vec<Source>> {
    let &(_, counts, unit, sources) =
        TYPES.iter().find(|(names, ..)| names.split(' ').any(|name| name == kind))?;
    let unit = Unit::named(unit).unwrap_or(Unit::NONE);
    let plain = matches!(kind, "gauge" | "counter" | "derive" | "absolute");
    let one = |name| Source { name, kind: if counts { Type::Counter } else { Type::Gauge }, unit, plain };
    Some(sources.split(' ').map(one).collect())
}

/// Names of types; whether their values count; the unit; the names of the values, empty if there is one.
const TYPES: [(&str, bool, &str, &str); 31] = [
    // "absolute" is how many there were since somebody asked last.
    ("gauge absolute", false, "", ""),
    ("counter derive", true, "", ""),
    (
        "backends blocked_clients charge conntrack count current_connections current_sessions entropy \
         fanspeed files flow links memcached_connections objects pending_operations pg_numbackends players \
         ps_state queue_length records requests routes segments signal_noise signal_power signal_quality snr \
         smart_badsectors smart_powercycles tcp_connections threads users vcpu",
        false,
        "",
        "",
    ),
    ("nginx_connections apache_connections memcached_items df_inodes vmpage_number md_disks", false, "", ""),
    (
        "bytes cache_size df_complex file_size memory swap ps_data ps_rss ps_stacksize ps_vm vs_memory",
        false,
        "B",
        "",
    ),
    ("apache_bytes ipt_bytes total_bytes if_rx_octets if_tx_octets", true, "B", ""),
    ("percent cache_ratio humidity percent_bytes percent_inodes zone_cpu", false, "%", ""),
    ("temperature", false, "celsius", ""),
    ("voltage", false, "V", ""),
    ("current", false, "A", ""),
    ("power", false, "W", ""),
    ("frequency cpufreq", false, "Hz", ""),
    ("uptime", false, "s", ""),
    ("ping", false, "ms", ""),
    // In whatever unit the program measures; nobody says.
    (
        "bitrate compression_ratio delay frequency_offset latency multimeter ping_droprate ping_stddev pressure \
         response_code response_time smart_poweron smart_temperature spam_score spl time_dispersion time_offset timeleft",
        false,
        "",
        "",
    ),
    ("duration", false, "s", "seconds"),
    ("load", false, "", "shortterm midterm longterm"),
    ("df", false, "B", "used free"),
    ("ps_count", false, "", "processes threads"),
    ("ps_cputime", true, "us", "user syst"),
    ("ps_pagefaults vmpage_faults", true, "", "minflt majflt"),
    ("ps_disk_octets disk_octets", true, "B", "read write"),
    ("ps_disk_ops disk_ops disk_merged", true, "", "read write"),
    ("disk_time", true, "ms", "read write"),
    ("disk_latency", false, "", "read write"),
    ("disk_io_time", true, "ms", "io_time weighted_io_time"),
    ("if_octets io_octets serial_octets memcached_octets node_octets", true, "B", "rx tx"),
    ("if_packets if_errors if_dropped io_packets", true, "", "rx tx"),
    ("vmpage_io", true, "", "in out"),
    (
        "cpu fork_rate contextswitch irq connections invocations operations packets http_requests http_response_codes \
         http_request_methods if_collisions if_multicast if_rx_errors if_tx_errors ipt_packets nginx_requests \
         apache_requests protocol_counter total_connections total_requests total_operations total_sessions total_objects \
         total_threads total_values swap_io vmpage_action cache_result cache_operation cache_eviction nfs_procedure \
         mutex_operations disk_ops_complex",
        true,
        "",
        "",
    ),
    ("total_time_in_ms", true, "ms", ""),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_type_has_one_line_and_a_unit_that_is_known() {
        let mut seen = HashSet::new();
        for (names, _, unit, _) in TYPES {
            assert!(unit.is_empty() || Unit::named(unit).is_some(), "{unit}");
            names.split(' ').for_each(|name| assert!(!name.is_empty() && seen.insert(name), "{name}"));
        }
    }

    #[test]
    fn a_type_says_its_values() {
        let told =
            |kind| named(kind).map(|sources| sources.iter().map(|source| source.name).collect::<Vec<_>>());
        assert_eq!(told("if_octets"), Some(vec!["rx", "tx"]));
        assert_eq!(told("gauge"), Some(vec![""]));
        assert_eq!(told("nosuchtype"), None);
    }
}
