//! Bytes that wait in the queues of all UDP sockets.

use crate::words::{Line, lines};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static QUEUES: Metric = Metric::gauge(
    "node_udp_queues",
    "Bytes of kernel memory that datagrams in the queues of UDP sockets hold.",
    &["queue", "ip"],
);

const PATH: &str = "/proc/net/udp";
const PATH6: &str = "/proc/net/udp6";

pub static SPEC: Spec = Spec {
    name: "udp_queues",
    about: "bytes that wait in the queues of UDP sockets",
    doc: "networking/proc_net_tcp",
    reads: &[PATH, PATH6],
    metrics: &[&QUEUES],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// A kernel without IPv6 has no second file, and that is no fault.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(PATH, "v4", host.read(PATH)?, out)?;
    host.read_if_there(PATH6)?.map_or(Ok(()), |text| parse(PATH6, "v6", text, out))
}

/// A heading, then a line for each socket; a sum over sockets of which one makes no sense is not given.
fn parse(file: &str, ip: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut rest = lines(file, text);
    let heading = rest.next().and_then(|mut heading| heading.word());
    if heading != Some("sl") {
        return Err(Fault::malformed(file, 1, heading.unwrap_or(""), "the heading of the table"));
    }
    let (mut sent, mut received) = (0u64, 0u64);
    for mut line in rest {
        let (transmit, receive) = queues(&mut line)?;
        sent = sent.saturating_add(transmit);
        received = received.saturating_add(receive);
    }
    out.push(&QUEUES, &["tx", ip], sent as f64);
    out.push(&QUEUES, &["rx", ip], received as f64);
    Ok(())
}

/// The fifth word: `00000015:00000000`.
fn queues(line: &mut Line<'_>) -> Result<(u64, u64), Fault> {
    let word = line.nth_word(4).unwrap_or("");
    let (transmit, receive) =
        word.split_once(':').ok_or_else(|| line.fault(word, "the lengths of two queues"))?;
    Ok((line.as_hex(transmit)?, line.as_hex(receive)?))
}

#[cfg(test)]
mod tests {
    use crate::Fault;
    use crate::testing::check;
    use expect_test::expect;
    use hostward_model::Batch;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(super::PATH, "v4", text, out)
    }

    const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n";

    #[test]
    fn sums_over_sockets() {
        check(
            parse,
            &format!(
                "{HEAD}   0: 00000000:0016 00000000:0000 0A 00000015:00000001 00:0 0 0 0 2740 1\n\
                 \u{20}  1: 00000000:0017 00000000:0000 07 00000001:00000100 00:0 0 0 0 2741 1\n"
            ),
            expect![[r#"
                node_udp_queues{queue="tx",ip="v4"} 22
                node_udp_queues{queue="rx",ip="v4"} 257
            "#]],
        );
        check(
            parse,
            HEAD,
            expect![[r#"
                node_udp_queues{queue="tx",ip="v4"} 0
                node_udp_queues{queue="rx",ip="v4"} 0
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            &format!("{HEAD}   0: 00000000:0016 00000000:0000 0A 00000015\n"),
            expect![[r#"
                fault malformed: /proc/net/udp:2: expected the lengths of two queues, found "00000015"
            "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
                fault malformed: /proc/net/udp:1: expected the heading of the table, found ""
            "#]],
        );
    }
}
