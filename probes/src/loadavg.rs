//! Run queue averages.

use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static LOAD1: Metric = Metric::gauge("node_load1", "1m load average.", &[]);
static LOAD5: Metric = Metric::gauge("node_load5", "5m load average.", &[]);
static LOAD15: Metric = Metric::gauge("node_load15", "15m load average.", &[]);

const PATH: &str = "/proc/loadavg";

pub static SPEC: Spec = Spec {
    name: "loadavg",
    about: "load averages over 1, 5 and 15 minutes",
    doc: "proc_loadavg(5)",
    reads: &[PATH],
    metrics: &[&LOAD1, &LOAD5, &LOAD15],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// `0.00 0.03 0.05 1/201 1209`: proc(5).
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut words = text.split_whitespace();
    for metric in [&LOAD1, &LOAD5, &LOAD15] {
        let word = words.next().unwrap_or("");
        let value: Option<f64> = word.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0);
        out.push(metric, &[], value.ok_or_else(|| Fault::malformed(PATH, 1, word, "a load average"))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn three_averages() {
        check(
            parse,
            "0.21 0.37 0.39 1/719 19737\n",
            expect![[r#"
                node_load1 0.21
                node_load5 0.37
                node_load15 0.39
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "0.21 lots 0.39\n",
            expect![[r#"
                node_load1 0.21
                fault malformed: /proc/loadavg:1: expected a load average, found "lots"
            "#]],
        );
        check(
            parse,
            "NaN 0 0\n",
            expect![[r#"
            fault malformed: /proc/loadavg:1: expected a load average, found "NaN"
        "#]],
        );
    }
}
