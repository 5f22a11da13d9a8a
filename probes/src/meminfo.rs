//! Memory by use.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
use std::borrow::Cow;

static BYTES: Metric =
    Metric::gauge("node_memory_*_bytes", "Memory information field of /proc/meminfo, in bytes.", &[])
        .matters_from(64.0 * 1024.0 * 1024.0);
static PAGES: Metric =
    Metric::gauge("node_memory_*", "Memory information field of /proc/meminfo, a number of pages.", &[]);

const PATH: &str = "/proc/meminfo";

pub static SPEC: Spec = Spec {
    name: "meminfo",
    about: "memory by use",
    doc: "proc_meminfo(5)",
    reads: &[PATH],
    metrics: &[&BYTES, &PAGES],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        if let Some(word) = line.word() {
            parse_field(word, &mut line, out)?;
        }
    }
    not_empty(PATH, before, out, "memory fields")
}

/// `MemTotal:  3742148 kB`, or a number of huge pages, which has no unit.
fn parse_field(word: &str, line: &mut Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    let field = word.strip_suffix(':').ok_or_else(|| line.fault(word, "a field and a colon"))?;
    let value = line.count()?;
    match line.word() {
        Some("kB") => out.push_named(&BYTES, &as_name(field), &[], value * 1024.0),
        None => out.push_named(&PAGES, field, &[], value),
        Some(unit) => return Err(line.fault(unit, "kB or nothing")),
    }
    Ok(())
}

/// `Active(anon)` is `Active_anon` in the names of metrics. The four that kernels have cost no allocation.
fn as_name(field: &str) -> Cow<'_, str> {
    match field {
        "Active(anon)" => "Active_anon".into(),
        "Inactive(anon)" => "Inactive_anon".into(),
        "Active(file)" => "Active_file".into(),
        "Inactive(file)" => "Inactive_file".into(),
        other if other.contains('(') => other.replace('(', "_").replace(')', "").into(),
        plain => plain.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn kilobytes_become_bytes_and_pages_stay() {
        check(
            parse,
            "MemTotal:        3742148 kB\nInactive(file):   145676 kB\nNew(kind):  1 kB\n\
             VmallocTotal:   34359738367 kB\nHugePages_Total:       3\n",
            expect![[r#"
                node_memory_MemTotal_bytes 3831959552
                node_memory_Inactive_file_bytes 149172224
                node_memory_New_kind_bytes 1024
                node_memory_VmallocTotal_bytes 35184372087808
                node_memory_HugePages_Total 3
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "MemTotal: 4 kB\nMemFree: -4 kB\n",
            expect![[r#"
                node_memory_MemTotal_bytes 4096
                fault malformed: /proc/meminfo:2: expected a whole number, found "-4"
            "#]],
        );
        check(
            parse,
            "MemTotal: 4 MB\n",
            expect![[r#"
                fault malformed: /proc/meminfo:1: expected kB or nothing, found "MB"
            "#]],
        );
        check(
            parse,
            "MemTotal 4 kB\n",
            expect![[r#"
                fault malformed: /proc/meminfo:1: expected a field and a colon, found "MemTotal"
            "#]],
        );
    }

    #[test]
    fn an_empty_file_is_a_fault() {
        check(
            parse,
            "",
            expect![[r#"
                fault malformed: /proc/meminfo:1: expected memory fields, found ""
            "#]],
        );
    }
}
