//! The rules that hostward brings: each loads, says what people need, fires on its fault and is quiet without it.

#![allow(clippy::unwrap_used)]
#![expect(clippy::disallowed_methods, reason = "reads the rule files that hostward brings")]

mod series;

use hostward_engine::promql::Value;
use hostward_engine::promql::drawn::Drawn;
use hostward_engine::rules::{Rule, RuleSet};
use series::drawn;
use std::collections::BTreeSet;
use std::path::Path;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const PLAYBOOKS: [&str; 7] = ["", "cpu", "memory", "disk-full", "disk-io", "failed-logins", "network"];

fn defaults() -> RuleSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/rules");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    let (set, errors) = RuleSet::parse(&files);
    assert!(errors.is_empty(), "{}", errors.iter().map(|error| format!("{error}\n")).collect::<String>());
    set
}

/// One line of text for each result: labels of the alert, summary and description.
fn results(rule: &Rule, source: &Drawn, at_ms: i64) -> Vec<String> {
    let Value::Vector(vector) = rule.expr.eval(source, at_ms).unwrap() else {
        panic!("{} gives no vector", rule.name)
    };
    let text = |(labels, value): &(_, f64)| {
        let annotations = rule.annotations_for(labels, *value, Default::default());
        format!(
            "{} {} {}",
            rule.labels_for(labels, *value, Default::default()),
            annotations.get("summary"),
            annotations.get("description")
        )
    };
    vector.iter().map(text).collect()
}

#[test]
fn each_says_what_people_need() {
    let set = defaults();
    assert!(set.rules().count() >= 20);
    let mut names = BTreeSet::new();
    for rule in set.rules() {
        let text = |list: &[(String, hostward_engine::rules::Template)], name: &str| {
            let template = list.iter().find(|(own, _)| own == name).map(|(_, template)| template);
            template
                .map(|template| template.render(&Default::default(), 1.0, Default::default()).unwrap())
                .unwrap_or_default()
        };
        let severity = text(&rule.labels, "severity");
        assert!(
            ["info", "warning", "critical"].contains(&severity.as_str()),
            "{}: severity {severity}",
            rule.name
        );
        let summary = text(&rule.annotations, "summary");
        assert!(!summary.is_empty() && !summary.contains('\n'), "{}: summary {summary:?}", rule.name);
        let description = text(&rule.annotations, "description");
        assert!(
            description.contains(|c: char| c.is_ascii_digit()),
            "{}: no number in {description:?}",
            rule.name
        );
        let playbook = text(&rule.annotations, "playbook");
        assert!(PLAYBOOKS.contains(&playbook.as_str()), "{}: playbook {playbook}", rule.name);
        assert!(names.insert(rule.name.clone()), "{} is there twice", rule.name);
    }
}

/// What an early rule is for: evidence within 30 seconds, and over soon after.
#[test]
fn early_rules_are_early() {
    for group in defaults().groups.iter().filter(|group| group.name.ends_with("-early")) {
        assert_eq!(group.interval_ms, Some(5000), "{}", group.name);
        for rule in &group.rules {
            assert!(rule.for_ms <= 15_000, "{}", rule.name);
            assert!(rule.keep_firing_for_ms <= 30_000, "{}", rule.name);
        }
    }
}

struct Case {
    alert: &'static str,
    step_ms: i64,
    at_ms: i64,
    fires: &'static str,
    quiet: &'static str,
}

const CASES: &[Case] = &[
    Case {
        alert: "CpuBusy",
        step_ms: SECOND,
        at_ms: 60 * SECOND,
        fires: r#"
            node_cpu_seconds_total{cpu="0",mode="idle"} 0+0.9x30 27+0x30
            node_cpu_seconds_total{cpu="0",mode="iowait"} 0x60
            node_cpu_seconds_total{cpu="1",mode="idle"} 0+0.9x30 27+0.05x30
            node_pressure_cpu_waiting_seconds_total 0+0.01x30 0.3+0.6x30
        "#,
        quiet: r#"
            node_cpu_seconds_total{cpu="0",mode="idle"} 0x60
            node_cpu_seconds_total{cpu="1",mode="idle"} 0+0.04x60
            node_pressure_cpu_waiting_seconds_total 0+0.1x60
        "#,
    },
    Case {
        alert: "CpuSaturated",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_cpu_seconds_total{cpu="0",mode="idle"} 0+0.1x60
            node_pressure_cpu_waiting_seconds_total 0+8x60
        "#,
        quiet: r#"
            node_cpu_seconds_total{cpu="0",mode="idle"} 0+0.1x60
            node_pressure_cpu_waiting_seconds_total 0+2x60
        "#,
    },
    Case {
        alert: "MemoryLow",
        step_ms: SECOND,
        at_ms: 10 * SECOND,
        fires: "node_memory_MemAvailable_bytes 70x10\nnode_memory_MemTotal_bytes 1000x10",
        quiet: "node_memory_MemAvailable_bytes 90x10\nnode_memory_MemTotal_bytes 1000x10",
    },
    Case {
        alert: "MemoryExhausted",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "node_memory_MemAvailable_bytes 40x10\nnode_memory_MemTotal_bytes 1000x10",
        quiet: "node_memory_MemAvailable_bytes 70x10\nnode_memory_MemTotal_bytes 1000x10",
    },
    Case {
        alert: "MemoryPressure",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: "node_pressure_memory_waiting_seconds_total 0+3x60",
        quiet: "node_pressure_memory_waiting_seconds_total 0+1x60",
    },
    Case {
        alert: "SwapPressure",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_vmstat_pswpin 0+1000x60
            node_vmstat_pswpout 0+500x60
            node_pressure_memory_waiting_seconds_total 0+2x60
        "#,
        quiet: r#"
            node_vmstat_pswpin 0x60
            node_vmstat_pswpout 0+5000x60
            node_pressure_memory_waiting_seconds_total 0+0.1x60
        "#,
    },
    Case {
        alert: "OomKill",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: "node_vmstat_oom_kill 3x49 4x9",
        quiet: "node_vmstat_oom_kill 3x10 4x49",
    },
    Case {
        alert: "FilesystemAlmostFull",
        step_ms: SECOND,
        at_ms: 10 * SECOND,
        fires: r#"
            node_filesystem_avail_bytes{device="tmpfs",mountpoint="/mnt/\"x"} 4x10
            node_filesystem_size_bytes{device="tmpfs",mountpoint="/mnt/\"x"} 100x10
            node_filesystem_readonly{device="tmpfs",mountpoint="/mnt/\"x"} 0x10
        "#,
        quiet: r#"
            node_filesystem_avail_bytes{device="a",mountpoint="/"} 6x10
            node_filesystem_size_bytes{device="a",mountpoint="/"} 100x10
            node_filesystem_readonly{device="a",mountpoint="/"} 0x10
            node_filesystem_avail_bytes{device="image",mountpoint="/snap"} 0x10
            node_filesystem_size_bytes{device="image",mountpoint="/snap"} 100x10
            node_filesystem_readonly{device="image",mountpoint="/snap"} 1x10
            node_filesystem_avail_bytes{device="none",mountpoint="/empty"} 0x10
            node_filesystem_size_bytes{device="none",mountpoint="/empty"} 0x10
            node_filesystem_readonly{device="none",mountpoint="/empty"} 0x10
        "#,
    },
    Case {
        alert: "FilesystemSpaceLow",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 9x10
            node_filesystem_size_bytes{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
        quiet: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 11x10
            node_filesystem_size_bytes{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
    },
    Case {
        alert: "FilesystemFull",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 0x10
            node_filesystem_size_bytes{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
        quiet: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 9x10
            node_filesystem_size_bytes{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
    },
    Case {
        // 2 % an hour: full in 15 hours. Quiet: as fast, but seen for half an hour only.
        alert: "FilesystemFilling",
        step_ms: MINUTE,
        at_ms: 150 * MINUTE,
        fires: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 350-0.333x150
            node_filesystem_size_bytes{mountpoint="/"} 1000x150
            node_filesystem_readonly{mountpoint="/"} 0x150
        "#,
        quiet: r#"
            node_filesystem_avail_bytes{mountpoint="/"} _x120 350-0.333x30
            node_filesystem_size_bytes{mountpoint="/"} _x120 1000x30
            node_filesystem_readonly{mountpoint="/"} _x120 0x30
            node_filesystem_avail_bytes{mountpoint="/slow"} 350-0.03x150
            node_filesystem_size_bytes{mountpoint="/slow"} 1000x150
            node_filesystem_readonly{mountpoint="/slow"} 0x150
        "#,
    },
    Case {
        alert: "FilesystemInodesLow",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            node_filesystem_files_free{mountpoint="/"} 4x10
            node_filesystem_files{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
        quiet: r#"
            node_filesystem_files_free{mountpoint="/btrfs"} 0x10
            node_filesystem_files{mountpoint="/btrfs"} 0x10
            node_filesystem_readonly{mountpoint="/btrfs"} 0x10
        "#,
    },
    Case {
        alert: "FilesystemTurnedReadonly",
        step_ms: MINUTE,
        at_ms: 60 * MINUTE,
        fires: r#"node_filesystem_readonly{mountpoint="/"} 0x49 1x10"#,
        quiet: r#"
            node_filesystem_readonly{mountpoint="/snap"} 1x60
            node_filesystem_readonly{mountpoint="/"} 0x60
        "#,
    },
    Case {
        alert: "MountNotResponding",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_mount_responding{mountpoint="/mnt/nfs"} 1x2 0x4"#,
        quiet: r#"
            hostward_mount_responding{mountpoint="/"} 1x6
            hostward_mount_responding{mountpoint="/mnt/unmounted"} 0x2 stale
        "#,
    },
    Case {
        alert: "DiskSaturated",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_disk_io_time_seconds_total{device="sda"} 0+9.9x60
            node_pressure_io_waiting_seconds_total 0+5x60
        "#,
        quiet: r#"
            node_disk_io_time_seconds_total{device="sda"} 0+9.9x60
            node_disk_io_time_seconds_total{device="loop0"} 0+9.9x60
            node_pressure_io_waiting_seconds_total 0+1x60
        "#,
    },
    Case {
        alert: "DiskFailing",
        step_ms: MINUTE,
        at_ms: MINUTE,
        fires: r#"hostward_smart_healthy{device="sda",model="a"} 0x1"#,
        quiet: r#"hostward_smart_healthy{device="sda",model="a"} 1x1"#,
    },
    Case {
        alert: "DiskFailing",
        step_ms: MINUTE,
        at_ms: MINUTE,
        fires: r#"hostward_smart_critical_warning{device="nvme0n1",model="b"} 4x1"#,
        quiet: r#"hostward_smart_critical_warning{device="nvme0n1",model="b"} 0x1"#,
    },
    Case {
        alert: "RaidDegraded",
        step_ms: MINUTE,
        at_ms: MINUTE,
        fires: r#"
            node_md_disks_required{device="md0"} 2x1
            node_md_disks{device="md0",state="active"} 1x1
            node_md_disks{device="md0",state="spare"} 1x1
        "#,
        quiet: r#"
            node_md_disks_required{device="md0"} 2x1
            node_md_disks{device="md0",state="active"} 2x1
            node_md_disks{device="md0",state="failed"} 1x1
        "#,
    },
    Case {
        alert: "FileChanged",
        step_ms: MINUTE,
        at_ms: 60 * MINUTE,
        fires: r#"hostward_file_changed_timestamp_seconds{path="/etc/passwd"} _x40 2400x20"#,
        quiet: r#"hostward_file_changed_timestamp_seconds{path="/etc/passwd"} 600x60"#,
    },
    Case {
        alert: "DiskStall",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: "node_pressure_io_stalled_seconds_total 0+6x60",
        quiet: "node_pressure_io_stalled_seconds_total 0+3x60",
    },
    Case {
        alert: "NetworkReceiveErrors",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_network_receive_errs_total{device="eth0"} 0+20x60
            node_network_receive_packets_total{device="eth0"} 0+1000x60
        "#,
        quiet: r#"
            node_network_receive_errs_total{device="eth0"} 0+0.5x60
            node_network_receive_packets_total{device="eth0"} 0+10x60
        "#,
    },
    Case {
        alert: "NetworkTransmitErrors",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_network_transmit_errs_total{device="eth0"} 0+20x60
            node_network_transmit_packets_total{device="eth0"} 0+1000x60
        "#,
        quiet: r#"
            node_network_transmit_errs_total{device="lo"} 0x60
            node_network_transmit_packets_total{device="lo"} 0x60
        "#,
    },
    Case {
        alert: "NetworkDrops",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_network_receive_drop_total{device="eth0"} 0x60
            node_network_receive_packets_total{device="eth0"} 0+2000x60
            node_network_transmit_drop_total{device="eth0"} 0+200x60
            node_network_transmit_packets_total{device="eth0"} 0+2000x60
        "#,
        quiet: r#"
            node_network_receive_drop_total{device="eth0"} 0+50x60
            node_network_receive_packets_total{device="eth0"} 0+100x60
        "#,
    },
    Case {
        alert: "ConntrackNearLimit",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "node_nf_conntrack_entries 90x10\nnode_nf_conntrack_entries_limit 100x10",
        quiet: "node_nf_conntrack_entries 70x10\nnode_nf_conntrack_entries_limit 100x10",
    },
    Case {
        // Thirty failures after a quiet minute, known as unusual. Quiet: the same, but usual here.
        alert: "FailedLoginBurst",
        step_ms: SECOND,
        at_ms: 90 * SECOND,
        fires: r#"
            hostward_logins_total{service="sshd",method="password",result="failed"} 0x59 1+1x29 30
            hostward_anomaly_confidence{metric="hostward_logins_total",series="x{result=\"failed\"}"} _x70 0.999x20
        "#,
        quiet: r#"
            hostward_logins_total{service="sshd",method="password",result="failed"} 0x59 1+1x29 30
            hostward_logins_total{service="sshd",method="password",result="accepted"} 0+10x90
        "#,
    },
    Case {
        // A hundred and twenty need no baseline. Quiet: it ended more than a minute ago.
        alert: "FailedLoginBurst",
        step_ms: SECOND,
        at_ms: 150 * SECOND,
        fires: r#"hostward_logins_total{service="sshd",method="password",result="failed"} 0x29 1+1x119 120"#,
        quiet: r#"hostward_logins_total{service="sshd",method="password",result="failed"} 0+2x60 120x89"#,
    },
    Case {
        alert: "FailedLoginsSustained",
        step_ms: 10 * SECOND,
        at_ms: 20 * MINUTE,
        fires: r#"hostward_logins_total{service="sshd",method="password",result="failed"} 0+5x120"#,
        quiet: r#"hostward_logins_total{service="sshd",method="password",result="failed"} 0+5x80 400x40"#,
    },
    Case {
        alert: "ClockSkew",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "node_timex_offset_seconds -0.2x10\nnode_timex_sync_status 1x10",
        quiet: "node_timex_offset_seconds 0.01x10\nnode_timex_sync_status 1x10",
    },
    Case {
        alert: "ClockNotSynchronised",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: "node_timex_sync_status 0x60\nnode_timex_maxerror_seconds 16x60",
        quiet: "node_timex_sync_status 0x60\nnode_timex_maxerror_seconds 0.5x60",
    },
    Case {
        // Quiet: heard of an hour ago.
        alert: "TimeSourceLost",
        step_ms: 10 * MINUTE,
        at_ms: 400 * MINUTE,
        fires: r#"
            hostward_timesync_synchronised{daemon="chrony"} 1x40
            hostward_timesync_last_update_timestamp_seconds{daemon="chrony"} 600x40
        "#,
        quiet: r#"
            hostward_timesync_synchronised{daemon="chrony"} 1x40
            hostward_timesync_last_update_timestamp_seconds{daemon="chrony"} 20400x40
        "#,
    },
    Case {
        // Quiet: nothing is known of the last update of a source that is followed.
        alert: "TimeSourceLost",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_timesync_synchronised{daemon="ntpd"} 0x10"#,
        quiet: r#"hostward_timesync_synchronised{daemon="systemd-timesyncd"} 1x10"#,
    },
    Case {
        // The end of a chain in ten days; quiet: in twenty, and of a leaf, whose chain says the same or less.
        alert: "CertificateExpiresSoon",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_certificate_chain_not_after_timestamp_seconds{path="/a",service="nginx"} 864000x10"#,
        quiet: r#"
            hostward_certificate_chain_not_after_timestamp_seconds{path="/a",service="nginx"} 1728000x10
            hostward_certificate_not_after_timestamp_seconds{path="/b",service="nginx",subject="b"} 864000x10
        "#,
    },
    Case {
        // One that expired at the epoch; quiet: in ten days.
        alert: "CertificateExpires",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_certificate_chain_not_after_timestamp_seconds{path="/a",service="nginx"} 0x10"#,
        quiet: r#"hostward_certificate_chain_not_after_timestamp_seconds{path="/a",service="nginx"} 864000x10"#,
    },
    Case {
        alert: "SecurityUpdatesPending",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_packages_pending{kind="security"} 3x10"#,
        quiet: r#"
            hostward_packages_pending{kind="security"} 0x10
            hostward_packages_pending{kind="other"} 40x10
        "#,
    },
    Case {
        alert: "PackageListsOld",
        step_ms: 1440 * MINUTE,
        at_ms: 8 * 1440 * MINUTE,
        fires: "hostward_package_lists_update_timestamp_seconds 3600x10",
        quiet: "hostward_package_lists_update_timestamp_seconds 172800x10",
    },
    Case {
        alert: "RebootRequired",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            hostward_reboot_required{reason="package"} 1x10
            hostward_reboot_required{reason="kernel"} 1x10
        "#,
        quiet: r#"
            hostward_reboot_required{reason="package"} 0x10
            hostward_reboot_required{reason="kernel"} 0x10
        "#,
    },
    Case {
        alert: "ProbeDown",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_probe_up{probe="authlog",reason="permission"} 0x10"#,
        quiet: r#"
            hostward_probe_up{probe="pressure",reason="missing"} 0x10
            hostward_probe_up{probe="cpu"} 1x10
        "#,
    },
    Case {
        alert: "ConfigReloadFailed",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "hostward_config_last_reload_successful 0x10",
        quiet: "hostward_config_last_reload_successful 1x10",
    },
    Case {
        // Quiet: some were refused once, and none since.
        alert: "SeriesRefused",
        step_ms: 10 * SECOND,
        at_ms: 15 * MINUTE,
        fires: "hostward_series_refused_total 0x60 3x30",
        quiet: "hostward_series_refused_total 7x90",
    },
    Case {
        alert: "ReceiverAway",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "hostward_receiver_away{receiver=\"oncall\"} 1x10",
        quiet: "hostward_receiver_away{receiver=\"oncall\"} 0x10",
    },
    Case {
        // Quiet: what failed is tried again.
        alert: "NotificationsLost",
        step_ms: 10 * SECOND,
        at_ms: 15 * MINUTE,
        fires: "hostward_notifications_total{receiver=\"oncall\",outcome=\"refused\"} 0x60 3x30",
        quiet: "hostward_notifications_total{receiver=\"oncall\",outcome=\"failed\"} 0x60 3x30",
    },
    Case {
        // One that never matched; quiet: one that is as old and matched last week.
        alert: "SilenceForgotten",
        step_ms: 1440 * MINUTE,
        at_ms: 40 * 1440 * MINUTE,
        fires: "hostward_silence_created_timestamp_seconds{silence=\"1\"} 3600x40",
        quiet: r#"
            hostward_silence_created_timestamp_seconds{silence="1"} 3600x40
            hostward_silence_last_match_timestamp_seconds{silence="1"} 2851200x40
        "#,
    },
    Case {
        alert: "PluginServiceCritical",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "hostward_plugin_service_state{plugin=\"check_disk\",service=\"disk\"} 2x10",
        quiet: "hostward_plugin_service_state{plugin=\"check_disk\",service=\"disk\"} 1x10",
    },
    Case {
        alert: "PluginServiceWarning",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "hostward_plugin_service_state{plugin=\"check_disk\",service=\"disk\"} 1x10",
        quiet: "hostward_plugin_service_state{plugin=\"check_disk\",service=\"disk\"} 0x10",
    },
    Case {
        // Quiet: the plugin as a whole has failed, which has a rule of its own.
        alert: "PluginServiceUnknown",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            hostward_plugin_service_state{plugin="check_disk",service="disk"} 3x10
            hostward_plugin_up{plugin="check_disk"} 1x10
        "#,
        quiet: r#"
            hostward_plugin_service_state{plugin="check_disk",service="disk"} 3x10
            hostward_plugin_up{plugin="check_disk",reason="timeout"} 0x10
        "#,
    },
    Case {
        alert: "PluginDown",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "hostward_plugin_up{plugin=\"check_disk\",reason=\"timeout\"} 0x10",
        quiet: "hostward_plugin_up{plugin=\"check_disk\"} 1x10",
    },
    Case {
        alert: "PluginSeriesDropped",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "hostward_plugin_samples_dropped{plugin=\"check_disk\"} 12x10",
        quiet: "hostward_plugin_samples_dropped{plugin=\"check_disk\"} 0x10",
    },
    Case {
        alert: "TooManyOpenFiles",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "node_filefd_allocated 900x10\nnode_filefd_maximum 1000x10",
        quiet: "node_filefd_allocated 900x10\nnode_filefd_maximum 9e18x10",
    },
    Case {
        // What it takes for the cause names the script; quiet: an incident whose cause is of another kind.
        alert: "UnusualCpu",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_incident_alert{incident="7",metric="node_load1",probe="loadavg",series="node_load1"} 9x10"#,
        quiet: r#"hostward_incident_alert{incident="7",metric="x",probe="meminfo",series="x"} 9x10"#,
    },
    Case {
        alert: "UnusualMemory",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_incident_alert{incident="7",metric="x",probe="meminfo",series="x"} 9x10"#,
        quiet: r#"hostward_incident_alert{incident="7",metric="x",probe="cpu",series="x"} 9x10"#,
    },
    Case {
        alert: "UnusualNetwork",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_incident_alert{incident="7",metric="x",probe="netdev",series="x"} 9x10"#,
        quiet: r#"hostward_incident_alert{incident="7",metric="x",probe="cpu",series="x"} 9x10"#,
    },
    Case {
        alert: "UnusualLogins",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_incident_alert{incident="7",metric="x",probe="authlog",series="x"} 9x10"#,
        quiet: r#"hostward_incident_alert{incident="7",metric="x",probe="cpu",series="x"} 9x10"#,
    },
    Case {
        alert: "UnusualDisk",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_incident_alert{incident="7",metric="x",probe="diskstats",series="x{device=\"sda\"}"} 9x10"#,
        quiet: r#"hostward_incident_alert{incident="7",metric="x",probe="diskstats",series="x"} 9x10"#,
    },
    Case {
        alert: "UnusualFilesystem",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_incident_alert{incident="7",metric="x",probe="filesystem",series="x{mountpoint=\"/srv\"}"} 9x10"#,
        quiet: r#"hostward_incident_alert{incident="7",metric="x",probe="filesystem",series="x"} 9x10"#,
    },
    Case {
        // A disk without a device, for which there is no script; quiet: one that has one.
        alert: "UnusualHost",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_incident_alert{incident="7",metric="x",probe="diskstats",series="x"} 9x10"#,
        quiet: r#"
            hostward_incident_alert{incident="7",metric="x",probe="cpu",series="x"} 9x10
            hostward_incident_alert{incident="8",metric="x",probe="filesystem",series="x{mountpoint=\"/srv\"}"} 9x10
        "#,
    },
];

#[test]
fn each_fires_on_its_fault_and_is_quiet_without_it() {
    let set = defaults();
    for rule in set.rules() {
        let mut cases = CASES.iter().filter(|case| case.alert == rule.name).peekable();
        assert!(cases.peek().is_some(), "{} has no case", rule.name);
        for case in cases {
            let fired = results(rule, &drawn(case.step_ms, case.fires), case.at_ms);
            assert_eq!(fired.len(), 1, "{}: {fired:?}", rule.name);
            assert!(!fired[0].contains("error expanding"), "{fired:?}");
            let quiet = results(rule, &drawn(case.step_ms, case.quiet), case.at_ms);
            assert!(quiet.is_empty(), "{}: {quiet:?}", rule.name);
        }
        assert!(results(rule, &Drawn::default(), 0).is_empty(), "{} fires on an unknown host", rule.name);
    }
}

/// With a sample every ten seconds the early rules must see enough.
#[test]
fn ten_seconds_between_samples_are_enough() {
    let set = defaults();
    let rule = set.rules().find(|rule| rule.name == "CpuBusy").unwrap();
    let source = drawn(10 * SECOND, "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 0+9x6 54x6");
    for at_ms in (80 * SECOND..120 * SECOND).step_by(1000) {
        assert_eq!(results(rule, &source, at_ms).len(), 1, "{at_ms}");
    }
    assert!(results(rule, &source, 60 * SECOND).is_empty());
}

/// A disk's script needs the disk, a file system's the place where it is mounted.
#[test]
fn an_incident_names_what_its_script_needs() {
    let source = drawn(
        SECOND,
        r#"
            hostward_incident_alert{incident="7",probe="diskstats",series="x{device=\"sda\"}"} 9x10
            hostward_incident_alert{incident="8",probe="filesystem",series="x{mountpoint=\"/srv/b c\"}"} 9x10
        "#,
    );
    let set = defaults();
    let labels = |name: &str| {
        let rule = set.rules().find(|rule| rule.name == name).unwrap();
        results(rule, &source, 5 * SECOND).concat()
    };
    assert!(labels("UnusualDisk").contains("device=\"sda\""), "{}", labels("UnusualDisk"));
    let filesystem = labels("UnusualFilesystem");
    assert!(filesystem.contains("mountpoint=\"/srv/b c\""), "{filesystem}");
}
