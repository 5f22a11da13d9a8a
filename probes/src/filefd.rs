//! Open files of the whole host, against the kernel's limit.

use crate::words::only_line;
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static ALLOCATED: Metric =
    Metric::gauge("node_filefd_allocated", "File descriptor statistics: allocated.", &[]);
static MAXIMUM: Metric = Metric::gauge("node_filefd_maximum", "File descriptor statistics: maximum.", &[]);

const PATH: &str = "/proc/sys/fs/file-nr";

pub static SPEC: Spec = Spec {
    name: "filefd",
    about: "open files of the host and their limit",
    doc: "admin-guide/sysctl/fs",
    reads: &[PATH],
    metrics: &[&ALLOCATED, &MAXIMUM],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// Allocated, allocated but unused (always 0 since 2.6), maximum.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut line = only_line(PATH, text);
    out.push(&ALLOCATED, &[], line.count()?);
    line.count()?;
    out.push(&MAXIMUM, &[], line.count()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn allocated_and_maximum() {
        check(
            parse,
            "1024\t0\t1631329\n",
            expect![[r#"
                node_filefd_allocated 1024
                node_filefd_maximum 1631329
            "#]],
        );
    }

    #[test]
    fn no_limit_is_the_largest_number() {
        check(
            parse,
            "992\t0\t9223372036854775807\n",
            expect![[r#"
                node_filefd_allocated 992
                node_filefd_maximum 9223372036854776000
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "1024\t0\n",
            expect![[r#"
                node_filefd_allocated 1024
                fault malformed: /proc/sys/fs/file-nr:1: expected a whole number, found ""
            "#]],
        );
    }
}
