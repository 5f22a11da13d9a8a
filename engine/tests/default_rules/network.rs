//! Cases of `content/rules/network.yml`.

use super::{Case, MINUTE, SECOND};

pub const CASES: &[Case] = &[
    Case {
        alert: "NetworkReceiveErrors",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_network_receive_errs_total{device="eth0"} 0+20x60
            node_network_receive_packets_total{device="eth0"} 0+1000x60
        "#,
        quiet: r#"
            node_network_receive_errs_total{device="eth0"} 0+0.5x60
            node_network_receive_packets_total{device="eth0"} 0+10x60
        "#,
    },
    Case {
        alert: "NetworkTransmitErrors",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_network_transmit_errs_total{device="eth0"} 0+20x60
            node_network_transmit_packets_total{device="eth0"} 0+1000x60
        "#,
        quiet: r#"
            node_network_transmit_errs_total{device="lo"} 0x60
            node_network_transmit_packets_total{device="lo"} 0x60
        "#,
    },
    Case {
        alert: "NetworkDrops",
        step_ms: 10 * SECOND,
        at_ms: 10 * MINUTE,
        fires: r#"
            node_network_receive_drop_total{device="eth0"} 0x60
            node_network_receive_packets_total{device="eth0"} 0+2000x60
            node_network_transmit_drop_total{device="eth0"} 0+200x60
            node_network_transmit_packets_total{device="eth0"} 0+2000x60
        "#,
        quiet: r#"
            node_network_receive_drop_total{device="eth0"} 0+50x60
            node_network_receive_packets_total{device="eth0"} 0+100x60
        "#,
    },
    Case {
        alert: "ConntrackNearLimit",
        step_ms: 10 * SECOND,
        at_ms: MINUTE,
        fires: "node_nf_conntrack_entries 90x10\nnode_nf_conntrack_entries_limit 100x10",
        quiet: "node_nf_conntrack_entries 70x10\nnode_nf_conntrack_entries_limit 100x10",
    },
];
