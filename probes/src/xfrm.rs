//! Packets that the kernel's IPsec could not transform, by reason.

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

struct Statistic {
    word: &'static str,
    metric: Metric,
}

const fn statistic(word: &'static str, name: &'static str, help: &'static str) -> Statistic {
    Statistic { word, metric: Metric::counter(name, help, &[]) }
}

/// The words of the file; newer kernels have some more, which nobody asks for.
static STATISTICS: [Statistic; 28] = [
    statistic(
        "XfrmInError",
        "node_xfrm_in_error_packets_total",
        "All errors on the way in that no other counter has.",
    ),
    statistic(
        "XfrmInBufferError",
        "node_xfrm_in_buffer_error_packets_total",
        "No buffer was left on the way in.",
    ),
    statistic(
        "XfrmInHdrError",
        "node_xfrm_in_hdr_error_packets_total",
        "The header of a packet that came in was wrong.",
    ),
    statistic(
        "XfrmInNoStates",
        "node_xfrm_in_no_states_packets_total",
        "No state was found: index, address or protocol of the association is wrong.",
    ),
    statistic(
        "XfrmInStateProtoError",
        "node_xfrm_in_state_proto_error_packets_total",
        "The protocol of the transformation failed, by a wrong key for example.",
    ),
    statistic(
        "XfrmInStateModeError",
        "node_xfrm_in_state_mode_error_packets_total",
        "The mode of the transformation failed.",
    ),
    statistic(
        "XfrmInStateSeqError",
        "node_xfrm_in_state_seq_error_packets_total",
        "The sequence number was outside of the window.",
    ),
    statistic("XfrmInStateExpired", "node_xfrm_in_state_expired_packets_total", "The state had expired."),
    statistic(
        "XfrmInStateMismatch",
        "node_xfrm_in_state_mismatch_packets_total",
        "The options of the state did not match, by another encapsulation for example.",
    ),
    statistic("XfrmInStateInvalid", "node_xfrm_in_state_invalid_packets_total", "The state was invalid."),
    statistic(
        "XfrmInTmplMismatch",
        "node_xfrm_in_tmpl_mismatch_packets_total",
        "No template matched the states: the associations are right, the policy is wrong.",
    ),
    statistic("XfrmInNoPols", "node_xfrm_in_no_pols_packets_total", "No policy was found for the states."),
    statistic(
        "XfrmInPolBlock",
        "node_xfrm_in_pol_block_packets_total",
        "A policy discards packets that come in.",
    ),
    statistic(
        "XfrmInPolError",
        "node_xfrm_in_pol_error_packets_total",
        "A policy for packets that come in was wrong.",
    ),
    statistic(
        "XfrmOutError",
        "node_xfrm_out_error_packets_total",
        "All errors on the way out that no other counter has.",
    ),
    statistic(
        "XfrmOutBundleGenError",
        "node_xfrm_out_bundle_gen_error_packets_total",
        "A bundle could not be made.",
    ),
    statistic(
        "XfrmOutBundleCheckError",
        "node_xfrm_out_bundle_check_error_packets_total",
        "A bundle did not pass its check.",
    ),
    statistic(
        "XfrmOutNoStates",
        "node_xfrm_out_no_states_packets_total",
        "No state was found for packets that go out.",
    ),
    statistic(
        "XfrmOutStateProtoError",
        "node_xfrm_out_state_proto_error_packets_total",
        "The protocol of the transformation failed on the way out.",
    ),
    statistic(
        "XfrmOutStateModeError",
        "node_xfrm_out_state_mode_error_packets_total",
        "The mode of the transformation failed on the way out.",
    ),
    statistic(
        "XfrmOutStateSeqError",
        "node_xfrm_out_state_seq_error_packets_total",
        "The sequence number overflowed.",
    ),
    statistic(
        "XfrmOutStateExpired",
        "node_xfrm_out_state_expired_packets_total",
        "The state for packets that go out had expired.",
    ),
    statistic(
        "XfrmOutPolBlock",
        "node_xfrm_out_pol_block_packets_total",
        "A policy discards packets that go out.",
    ),
    statistic("XfrmOutPolDead", "node_xfrm_out_pol_dead_packets_total", "A policy is dead."),
    statistic(
        "XfrmOutPolError",
        "node_xfrm_out_pol_error_packets_total",
        "A policy for packets that go out was wrong.",
    ),
    statistic(
        "XfrmFwdHdrError",
        "node_xfrm_fwd_hdr_error_packets_total",
        "Forwarding of a packet is not allowed.",
    ),
    statistic(
        "XfrmOutStateInvalid",
        "node_xfrm_out_state_invalid_packets_total",
        "The state for packets that go out was invalid, perhaps expired.",
    ),
    statistic(
        "XfrmAcquireError",
        "node_xfrm_acquire_error_packets_total",
        "A state was used before it had been acquired in full.",
    ),
];

static METRICS: [&Metric; 28] = {
    let mut metrics = [&STATISTICS[0].metric; 28];
    let mut at = 0;
    while at < metrics.len() {
        metrics[at] = &STATISTICS[at].metric;
        at += 1;
    }
    metrics
};

const PATH: &str = "/proc/net/xfrm_stat";

pub static SPEC: Spec = Spec {
    name: "xfrm",
    about: "packets that IPsec could not transform, by reason",
    doc: "networking/xfrm_proc",
    reads: &[PATH],
    metrics: &METRICS,
    enabled: false,
    start: |_| Box::new(|host: &mut Host, out: &mut Batch| parse(host.read(PATH)?, out)),
    ..Spec::INLINE
};

/// `XfrmInError   1`
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        let word = line.word().unwrap_or("");
        if let Some(statistic) = STATISTICS.iter().find(|statistic| statistic.word == word) {
            out.push(&statistic.metric, &[], line.count()?);
        }
    }
    not_empty(PATH, before, out, "counters of IPsec")
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn known_words() {
        check(
            parse,
            "XfrmInError             \t1\nXfrmInIptfsError  9\nXfrmAcquireError        \t24532\n",
            expect![[r#"
                node_xfrm_in_error_packets_total 1
                node_xfrm_acquire_error_packets_total 24532
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "XfrmInError\n",
            expect![[r#"
                fault malformed: /proc/net/xfrm_stat:1: expected a whole number, found ""
            "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
                fault malformed: /proc/net/xfrm_stat:1: expected counters of IPsec, found ""
            "#]],
        );
    }
}
