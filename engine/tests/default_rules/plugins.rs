//! Cases of `content/rules/plugins.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
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
];
