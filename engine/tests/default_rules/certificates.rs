//! Cases of `content/rules/certificates.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
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
];
