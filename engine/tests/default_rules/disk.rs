//! Cases of `content/rules/disk.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
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
        alert: "DiskStall",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: "node_pressure_io_stalled_seconds_total 0+6x60",
        quiet: "node_pressure_io_stalled_seconds_total 0+3x60",
    },
];
