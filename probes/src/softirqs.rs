//! Softirqs by CPU and kind.

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static FUNCTIONS: Metric =
    Metric::counter("node_softirqs_functions_total", "Softirqs serviced, by CPU and kind.", &["cpu", "type"]);

const PATH: &str = "/proc/softirqs";

pub static SPEC: Spec = Spec {
    name: "softirqs",
    about: "softirqs by CPU and kind",
    doc: "filesystems/proc.rst",
    reads: &[PATH],
    metrics: &[&FUNCTIONS],
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// A head line with a word `CPU0` for each CPU, then a line for each kind.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let head = text.lines().next().unwrap_or("");
    for mut line in lines(PATH, text).skip(1) {
        let Some(word) = line.word() else { continue };
        let kind = word.strip_suffix(':').ok_or_else(|| line.fault(word, "a kind and a colon"))?;
        for word in head.split_whitespace() {
            let cpu = word.strip_prefix("CPU").filter(|number| number.parse::<u32>().is_ok());
            let cpu = cpu.ok_or_else(|| Fault::malformed(PATH, 1, word, "CPU and a number"))?;
            out.push(&FUNCTIONS, &[cpu, kind], line.count()?);
        }
    }
    not_empty(PATH, before, out, "softirqs by CPU")
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn kinds_by_cpu() {
        check(
            parse,
            "                    CPU0       CPU1\n          HI:          7          1\n       TIMER:     424191     108342\n",
            expect![[r#"
                node_softirqs_functions_total{cpu="0",type="HI"} 7
                node_softirqs_functions_total{cpu="1",type="HI"} 1
                node_softirqs_functions_total{cpu="0",type="TIMER"} 424191
                node_softirqs_functions_total{cpu="1",type="TIMER"} 108342
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            " CPU0 CPU1\n HI: 1\n",
            expect![[r#"
            node_softirqs_functions_total{cpu="0",type="HI"} 1
            fault malformed: /proc/softirqs:2: expected a whole number, found ""
        "#]],
        );
        check(
            parse,
            " CPU0 CPU1\n HI 1 2\n",
            expect![[r#"
            fault malformed: /proc/softirqs:2: expected a kind and a colon, found "HI"
        "#]],
        );
        check(
            parse,
            " CPU0 0\n HI: 1 2\n",
            expect![[r#"
            node_softirqs_functions_total{cpu="0",type="HI"} 1
            fault malformed: /proc/softirqs:1: expected CPU and a number, found "0"
        "#]],
        );
        check(
            parse,
            "\n",
            expect![[r#"
            fault malformed: /proc/softirqs:1: expected softirqs by CPU, found ""
        "#]],
        );
    }
}
