//! Cases of `content/rules/hostward.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
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
        alert: "TooManyOpenFiles",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "node_filefd_allocated 900x10\nnode_filefd_maximum 1000x10",
        quiet: "node_filefd_allocated 900x10\nnode_filefd_maximum 9e18x10",
    },
];
