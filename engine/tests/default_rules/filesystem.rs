//! Cases of `content/rules/filesystem.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
    Case {
        alert: "FilesystemAlmostFull",
        step_ms: SECOND,
        at_ms: 10 * SECOND,
        fires: r#"
            node_filesystem_avail_bytes{device="tmpfs",mountpoint="/mnt/\"x"} 4x10
            node_filesystem_size_bytes{device="tmpfs",mountpoint="/mnt/\"x"} 100x10
            node_filesystem_readonly{device="tmpfs",mountpoint="/mnt/\"x"} 0x10
        "#,
        quiet: r#"
            node_filesystem_avail_bytes{device="a",mountpoint="/"} 6x10
            node_filesystem_size_bytes{device="a",mountpoint="/"} 100x10
            node_filesystem_readonly{device="a",mountpoint="/"} 0x10
            node_filesystem_avail_bytes{device="image",mountpoint="/snap"} 0x10
            node_filesystem_size_bytes{device="image",mountpoint="/snap"} 100x10
            node_filesystem_readonly{device="image",mountpoint="/snap"} 1x10
            node_filesystem_avail_bytes{device="none",mountpoint="/empty"} 0x10
            node_filesystem_size_bytes{device="none",mountpoint="/empty"} 0x10
            node_filesystem_readonly{device="none",mountpoint="/empty"} 0x10
        "#,
    },
    Case {
        alert: "FilesystemSpaceLow",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 9x10
            node_filesystem_size_bytes{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
        quiet: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 11x10
            node_filesystem_size_bytes{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
    },
    Case {
        alert: "FilesystemFull",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 0x10
            node_filesystem_size_bytes{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
        quiet: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 9x10
            node_filesystem_size_bytes{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
    },
    Case {
        // 2 % an hour: full in 15 hours. Quiet: as fast, but seen for half an hour only.
        alert: "FilesystemFilling",
        step_ms: MINUTE,
        at_ms: 150 * MINUTE,
        fires: r#"
            node_filesystem_avail_bytes{mountpoint="/"} 350-0.333x150
            node_filesystem_size_bytes{mountpoint="/"} 1000x150
            node_filesystem_readonly{mountpoint="/"} 0x150
        "#,
        quiet: r#"
            node_filesystem_avail_bytes{mountpoint="/"} _x120 350-0.333x30
            node_filesystem_size_bytes{mountpoint="/"} _x120 1000x30
            node_filesystem_readonly{mountpoint="/"} _x120 0x30
            node_filesystem_avail_bytes{mountpoint="/slow"} 350-0.03x150
            node_filesystem_size_bytes{mountpoint="/slow"} 1000x150
            node_filesystem_readonly{mountpoint="/slow"} 0x150
        "#,
    },
    Case {
        alert: "FilesystemInodesLow",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"
            node_filesystem_files_free{mountpoint="/"} 4x10
            node_filesystem_files{mountpoint="/"} 100x10
            node_filesystem_readonly{mountpoint="/"} 0x10
        "#,
        quiet: r#"
            node_filesystem_files_free{mountpoint="/btrfs"} 0x10
            node_filesystem_files{mountpoint="/btrfs"} 0x10
            node_filesystem_readonly{mountpoint="/btrfs"} 0x10
        "#,
    },
    Case {
        alert: "FilesystemTurnedReadonly",
        step_ms: MINUTE,
        at_ms: 60 * MINUTE,
        fires: r#"node_filesystem_readonly{mountpoint="/"} 0x49 1x10"#,
        quiet: r#"
            node_filesystem_readonly{mountpoint="/snap"} 1x60
            node_filesystem_readonly{mountpoint="/"} 0x60
        "#,
    },
    Case {
        alert: "MountNotResponding",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: r#"hostward_mount_responding{mountpoint="/mnt/nfs"} 1x2 0x4"#,
        quiet: r#"
            hostward_mount_responding{mountpoint="/"} 1x6
            hostward_mount_responding{mountpoint="/mnt/unmounted"} 0x2 stale
        "#,
    },
];
