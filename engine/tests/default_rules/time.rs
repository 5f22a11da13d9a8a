//! Cases of `content/rules/time.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
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
        // Quiet: set within its first minutes.
        alert: "ClockStepped",
        step_ms: MINUTE,
        at_ms: 30 * MINUTE,
        fires: r#"
            hostward_clock_step_seconds_total{direction="forward"} 0x25 600x10
            hostward_clock_step_seconds_total{direction="backward"} 0x40
            node_boot_time_seconds 0x40
        "#,
        quiet: r#"
            hostward_clock_step_seconds_total{direction="forward"} 0x25 600x10
            hostward_clock_step_seconds_total{direction="backward"} 0x40
            node_boot_time_seconds 900x40
        "#,
    },
];
