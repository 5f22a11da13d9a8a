//! Swap areas, one by one; the sums are in `meminfo`.

use crate::words::{Line, lines};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const LABELS: &[&str] = &["device", "type"];

static SIZE: Metric = Metric::gauge("node_swap_size_bytes", "Size of a swap area in bytes.", LABELS);
static USED: Metric = Metric::gauge("node_swap_used_bytes", "Bytes of a swap area that are in use.", LABELS);
static PRIORITY: Metric = Metric::gauge("node_swap_priority", "Priority of a swap area.", LABELS);

const PATH: &str = "/proc/swaps";
const KIB: f64 = 1024.0;

pub static SPEC: Spec = Spec {
    name: "swap",
    about: "size, use and priority of each swap area",
    doc: "proc_swaps(5)",
    reads: &[PATH],
    metrics: &[&SIZE, &USED, &PRIORITY],
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// A heading, then a line for each area; a host without swap has the heading alone.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut lines = lines(PATH, text);
    let heading = lines.next().and_then(|mut line| line.word());
    if heading != Some("Filename") {
        return Err(Fault::malformed(PATH, 1, heading.unwrap_or(""), "a heading that begins with Filename"));
    }
    lines.map(|line| parse_area(line, out)).fold(Ok(()), Result::and)
}

/// `/dev/sda2 partition 8388604 76 -2`: sizes are in KiB, spaces in a name are written `\040`.
fn parse_area(mut line: Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    let Some(device) = line.word() else { return Ok(()) };
    let labels = [device, line.word().unwrap_or("")];
    let (size, used) = (line.count()?, line.count()?);
    let word = line.word().unwrap_or("");
    let priority = line.as_integer(word)?;
    out.push(&SIZE, &labels, size * KIB);
    out.push(&USED, &labels, used * KIB);
    out.push(&PRIORITY, &labels, priority);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    const HEADING: &str = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    #[test]
    fn two_areas() {
        check(
            parse,
            &format!("{HEADING}/dev/zram0 partition\t8388604\t76\t100\n/swap\\040file file\t1024\t0\t-2\n"),
            expect![[r#"
                node_swap_size_bytes{device="/dev/zram0",type="partition"} 8589930496
                node_swap_used_bytes{device="/dev/zram0",type="partition"} 77824
                node_swap_priority{device="/dev/zram0",type="partition"} 100
                node_swap_size_bytes{device="/swap\\040file",type="file"} 1048576
                node_swap_used_bytes{device="/swap\\040file",type="file"} 0
                node_swap_priority{device="/swap\\040file",type="file"} -2
            "#]],
        );
    }

    #[test]
    fn no_swap_is_no_fault() {
        check(parse, HEADING, expect![[r#""#]]);
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "",
            expect![[r#"
            fault malformed: /proc/swaps:1: expected a heading that begins with Filename, found ""
        "#]],
        );
        check(
            parse,
            &format!("{HEADING}/dev/a partition 1 two 3\n/dev/b partition 1 2\n/dev/c partition 4 0 -3\n"),
            expect![[r#"
                node_swap_size_bytes{device="/dev/c",type="partition"} 4096
                node_swap_used_bytes{device="/dev/c",type="partition"} 0
                node_swap_priority{device="/dev/c",type="partition"} -3
                fault malformed: /proc/swaps:2: expected a whole number, found "two"
            "#]],
        );
    }
}
