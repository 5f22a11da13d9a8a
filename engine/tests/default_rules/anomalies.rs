//! Cases of `content/rules/anomalies.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
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
    Case {
        // What a hog on a thousand simulated series comes to; quiet: the worst quarter of an hour of its ordinary weeks.
        alert: "UnusualEverywhere",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "hostward_host_anomaly_ratio 0.4x10",
        quiet: "hostward_host_anomaly_ratio 0.116x10",
    },
    Case {
        alert: "BaselinesLearning",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            hostward_baseline_state{state="learning"} 400x10
            hostward_baseline_state{state="level"} 500x10
            hostward_baseline_state{state="day"} 100x10
        "#,
        // This machine after ten minutes.
        quiet: r#"
            hostward_baseline_state{state="learning"} 1x10
            hostward_baseline_state{state="level"} 581x10
            hostward_baseline_state{state="day"} 0x10
        "#,
    },
];
