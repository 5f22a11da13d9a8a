//! Cases of `content/rules/memory.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
    Case {
        alert: "MemoryLow",
        step_ms: SECOND,
        at_ms: 10 * SECOND,
        fires: "node_memory_MemAvailable_bytes 70x10\nnode_memory_MemTotal_bytes 1000x10",
        quiet: "node_memory_MemAvailable_bytes 90x10\nnode_memory_MemTotal_bytes 1000x10",
    },
    Case {
        alert: "MemoryExhausted",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "node_memory_MemAvailable_bytes 40x10\nnode_memory_MemTotal_bytes 1000x10",
        quiet: "node_memory_MemAvailable_bytes 70x10\nnode_memory_MemTotal_bytes 1000x10",
    },
    Case {
        alert: "MemoryLeaking",
        step_ms: 5 * MINUTE,
        at_ms: 360 * MINUTE,
        fires: "node_memory_MemAvailable_bytes 300-2x72\nnode_memory_MemTotal_bytes 1000x72",
        quiet: "node_memory_MemAvailable_bytes 900x30 250x42\nnode_memory_MemTotal_bytes 1000x72",
    },
    Case {
        alert: "MemoryPressure",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: "node_pressure_memory_waiting_seconds_total 0+3x60",
        quiet: "node_pressure_memory_waiting_seconds_total 0+1x60",
    },
    Case {
        alert: "SwapPressure",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_vmstat_pswpin 0+1000x60
            node_vmstat_pswpout 0+500x60
            node_pressure_memory_waiting_seconds_total 0+2x60
        "#,
        quiet: r#"
            node_vmstat_pswpin 0x60
            node_vmstat_pswpout 0+5000x60
            node_pressure_memory_waiting_seconds_total 0+0.1x60
        "#,
    },
    Case {
        alert: "OomKill",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: "node_vmstat_oom_kill 3x49 4x9",
        quiet: "node_vmstat_oom_kill 3x10 4x49",
    },
];
