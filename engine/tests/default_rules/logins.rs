//! Cases of `content/rules/logins.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
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
];
