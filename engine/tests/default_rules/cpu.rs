//! Cases of `content/rules/cpu.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
    Case {
        alert: "CpuBusy",
        step_ms: SECOND,
        at_ms: 60 * SECOND,
        fires: r#"
            node_cpu_seconds_total{cpu="0",mode="idle"} 0+0.9x30 27+0x30
            node_cpu_seconds_total{cpu="0",mode="iowait"} 0x60
            node_cpu_seconds_total{cpu="1",mode="idle"} 0+0.9x30 27+0.05x30
            node_pressure_cpu_waiting_seconds_total 0+0.01x30 0.3+0.6x30
        "#,
        quiet: r#"
            node_cpu_seconds_total{cpu="0",mode="idle"} 0x60
            node_cpu_seconds_total{cpu="1",mode="idle"} 0+0.04x60
            node_pressure_cpu_waiting_seconds_total 0+0.1x60
        "#,
    },
    Case {
        alert: "CpuSaturated",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_cpu_seconds_total{cpu="0",mode="idle"} 0+0.1x60
            node_pressure_cpu_waiting_seconds_total 0+8x60
        "#,
        quiet: r#"
            node_cpu_seconds_total{cpu="0",mode="idle"} 0+0.1x60
            node_pressure_cpu_waiting_seconds_total 0+2x60
        "#,
    },
];
