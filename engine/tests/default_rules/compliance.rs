//! Cases of `content/rules/compliance.yml`.

use super::{Case, MINUTE};

pub const CASES: &[Case] = &[
    Case {
        // Quiet: it has never passed.
        alert: "CheckDrifted",
        step_ms: MINUTE,
        at_ms: 10 * MINUTE,
        fires: r#"hostward_check_drift_timestamp_seconds{check="ssh.root_login",severity="high",file="/etc/ssh/sshd_config"} 100x20"#,
        quiet: r#"hostward_check_status{check="ssh.root_login",severity="high"} 1x20"#,
    },
    Case {
        alert: "AuditFailed",
        step_ms: MINUTE,
        at_ms: 90 * MINUTE,
        fires: "hostward_audit_success 0x100",
        quiet: "hostward_audit_success 1x100",
    },
];
