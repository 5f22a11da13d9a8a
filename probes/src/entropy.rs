//! Randomness that the kernel has gathered.

use crate::words::only_line;
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static AVAILABLE: Metric =
    Metric::gauge("node_entropy_available_bits", "Bits of entropy that can be had.", &[]);
static POOL: Metric =
    Metric::gauge("node_entropy_pool_size_bits", "Bits of entropy that the pool can hold.", &[]);

const AVAILABLE_PATH: &str = "/proc/sys/kernel/random/entropy_avail";
const POOL_PATH: &str = "/proc/sys/kernel/random/poolsize";

pub static SPEC: Spec = Spec {
    name: "entropy",
    about: "randomness that the kernel has gathered",
    doc: "random(4)",
    reads: &[AVAILABLE_PATH, POOL_PATH],
    metrics: &[&AVAILABLE, &POOL],
    // Since Linux 5.18 both are 256 for ever.
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let available = parse(AVAILABLE_PATH, &AVAILABLE, host.read(AVAILABLE_PATH)?, out);
    available.and(parse(POOL_PATH, &POOL, host.read(POOL_PATH)?, out))
}

fn parse(path: &str, metric: &'static Metric, text: &str, out: &mut Batch) -> Result<(), Fault> {
    out.push(metric, &[], only_line(path, text).count()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn both_files() {
        let files = [(AVAILABLE_PATH, "1337\n"), (POOL_PATH, "4096\n")];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_entropy_available_bits 1337
            node_entropy_pool_size_bits 4096
        "#]],
        );
    }

    #[test]
    fn one_that_makes_no_sense_does_not_hide_the_other() {
        check_host(
            &SPEC,
            &[],
            &[(AVAILABLE_PATH, "some\n"), (POOL_PATH, "256\n")],
            expect![[r#"
            node_entropy_pool_size_bits 256
            fault malformed: /proc/sys/kernel/random/entropy_avail:1: expected a whole number, found "some"
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[(POOL_PATH, "256\n")],
            expect![[r#"
            fault missing: /proc/sys/kernel/random/entropy_avail: not on this host
        "#]],
        );
    }
}
