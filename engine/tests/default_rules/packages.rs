//! Cases of `content/rules/packages.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
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
];
