//! Paging, swapping, page faults and OOM kills.

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static FIELD: Metric =
    Metric::untyped("node_vmstat_*", "Information field of /proc/vmstat.", &[]).growing_but(&[]);

const PATH: &str = "/proc/vmstat";

pub static SPEC: Spec = Spec {
    name: "vmstat",
    about: "paging, swapping, page faults and OOM kills",
    doc: "proc_vmstat(5)",
    reads: &[PATH],
    metrics: &[&FIELD],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        let Some(field) = line.word().filter(|field| is_wanted(field)) else { continue };
        out.push_named(&FIELD, field, &[], line.count()?);
    }
    not_empty(PATH, before, out, "paging counters")
}

/// A kernel has some two hundred fields; these are the ones that node_exporter takes unless told otherwise.
fn is_wanted(field: &str) -> bool {
    ["oom_kill", "pgpg", "pswp"].iter().any(|start| field.starts_with(start))
        || field.strip_prefix("pg").is_some_and(|rest| rest.contains("fault"))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn only_the_fields_that_matter() {
        check(
            parse,
            "nr_free_pages 977769\nnuma_pte_updates 3\npgpgin 7344136\npswpout 35045\npgfault 2320168809\n\
             pgmajfault 507162\npgalloc_dma 1\noom_kill 0\ndrop_pagecache 0\n",
            expect![[r#"
                node_vmstat_pgpgin 7344136
                node_vmstat_pswpout 35045
                node_vmstat_pgfault 2320168809
                node_vmstat_pgmajfault 507162
                node_vmstat_oom_kill 0
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "pgpgin 1\npgpgout\n",
            expect![[r#"
                node_vmstat_pgpgin 1
                fault malformed: /proc/vmstat:2: expected a whole number, found ""
            "#]],
        );
        check(
            parse,
            "\u{0}\u{0}\n",
            expect![[r#"
                fault malformed: /proc/vmstat:1: expected paging counters, found ""
            "#]],
        );
    }
}
