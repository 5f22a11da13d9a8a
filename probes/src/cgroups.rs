//! Control groups by controller.

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const CONTROLLER: &[&str] = &["subsys_name"];

static COUNT: Metric =
    Metric::gauge("node_cgroups_cgroups", "Control groups that the controller has.", CONTROLLER);
static ENABLED: Metric =
    Metric::gauge("node_cgroups_enabled", "Whether the controller is switched on; 0 or 1.", CONTROLLER);

const PATH: &str = "/proc/cgroups";

pub static SPEC: Spec = Spec {
    name: "cgroups",
    about: "control groups by controller",
    doc: "cgroups(7)",
    reads: &[PATH],
    metrics: &[&COUNT, &ENABLED],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// `cpuset 5 47 1`: name, hierarchy, number of groups, switched on.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        let Some(name) = line.word().filter(|word| !word.starts_with('#')) else { continue };
        line.count()?;
        out.push(&COUNT, &[name], line.count()?);
        out.push(&ENABLED, &[name], line.count()?);
    }
    not_empty(PATH, before, out, "controllers")
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn controllers() {
        check(
            parse,
            "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t5\t47\t1\nmemory\t7\t234\t0\n",
            expect![[r#"
                node_cgroups_cgroups{subsys_name="cpuset"} 47
                node_cgroups_enabled{subsys_name="cpuset"} 1
                node_cgroups_cgroups{subsys_name="memory"} 234
                node_cgroups_enabled{subsys_name="memory"} 0
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "cpuset\t5\t47\n",
            expect![[r#"
            node_cgroups_cgroups{subsys_name="cpuset"} 47
            fault malformed: /proc/cgroups:1: expected a whole number, found ""
        "#]],
        );
        check(
            parse,
            "cpuset\tfive\n",
            expect![[r#"
            fault malformed: /proc/cgroups:1: expected a whole number, found "five"
        "#]],
        );
        check(
            parse,
            "#subsys_name\n",
            expect![[r#"
            fault malformed: /proc/cgroups:1: expected controllers, found ""
        "#]],
        );
    }
}
