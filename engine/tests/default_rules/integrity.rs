//! Cases of `content/rules/integrity.yml`.

use super::{Case, MINUTE};

pub const CASES: &[Case] = &[Case {
    alert: "FileChanged",
    step_ms: MINUTE,
    at_ms: 60 * MINUTE,
    fires: r#"hostward_file_changed_timestamp_seconds{path="/etc/passwd"} _x40 2400x20"#,
    quiet: r#"hostward_file_changed_timestamp_seconds{path="/etc/passwd"} 600x60"#,
}];
