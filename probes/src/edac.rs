//! Memory errors that the memory controllers corrected, or could not.

use crate::{Fault, Host, Spec, attributes};
use hostward_model::{Batch, Metric};

const CONTROLLER: &[&str] = &["controller"];
const ROW: &[&str] = &["controller", "csrow"];
const CHANNEL: &[&str] = &["controller", "csrow", "channel", "dimm_label"];

static CORRECTABLE: Metric =
    Metric::counter("node_edac_correctable_errors_total", "Memory errors that were corrected.", CONTROLLER);
static UNCORRECTABLE: Metric = Metric::counter(
    "node_edac_uncorrectable_errors_total",
    "Memory errors that could not be corrected.",
    CONTROLLER,
);
static ROW_CORRECTABLE: Metric = Metric::counter(
    "node_edac_csrow_correctable_errors_total",
    "Memory errors that were corrected, by row of chips; unknown counts those of no known row.",
    ROW,
);
static ROW_UNCORRECTABLE: Metric = Metric::counter(
    "node_edac_csrow_uncorrectable_errors_total",
    "Memory errors that could not be corrected, by row of chips; unknown counts those of no known row.",
    ROW,
);
static CHANNEL_CORRECTABLE: Metric = Metric::counter(
    "node_edac_channel_correctable_errors_total",
    "Memory errors that were corrected, by channel of a row of chips.",
    CHANNEL,
);
static CHANNEL_UNCORRECTABLE: Metric = Metric::counter(
    "node_edac_channel_uncorrectable_errors_total",
    "Memory errors that could not be corrected, by channel of a row of chips.",
    CHANNEL,
);

const DIRECTORY: &str = "/sys/devices/system/edac/mc";

pub static SPEC: Spec = Spec {
    name: "edac",
    about: "memory errors by controller, row and channel",
    doc: "admin-guide/RAS/main.rst",
    reads: &[DIRECTORY],
    metrics: &[
        &CORRECTABLE,
        &UNCORRECTABLE,
        &ROW_CORRECTABLE,
        &ROW_UNCORRECTABLE,
        &CHANNEL_CORRECTABLE,
        &CHANNEL_UNCORRECTABLE,
    ],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let controllers = attributes::numbered(host, DIRECTORY, "mc", out)?;
    if controllers.is_empty() {
        return Err(Fault::Missing { what: format!("{DIRECTORY}/mc*") });
    }
    controllers.iter().map(|number| collect_controller(host, number, out)).fold(Ok(()), Result::and)
}

fn collect_controller(host: &mut Host, controller: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/mc{controller}");
    let known = [("ce_count", &CORRECTABLE), ("ue_count", &UNCORRECTABLE)];
    let unknown = [("ce_noinfo_count", &ROW_CORRECTABLE), ("ue_noinfo_count", &ROW_UNCORRECTABLE)];
    let known = push(host, &directory, known, &[controller], out);
    let unknown = push(host, &directory, unknown, &[controller, "unknown"], out);
    let rows = attributes::numbered(host, &directory, "csrow", out)?;
    let rows = rows.iter().map(|row| collect_row(host, controller, row, out)).fold(Ok(()), Result::and);
    known.and(unknown).and(rows)
}

fn collect_row(host: &mut Host, controller: &str, row: &str, out: &mut Batch) -> Result<(), Fault> {
    let directory = format!("{DIRECTORY}/mc{controller}/csrow{row}");
    let files = [("ce_count", &ROW_CORRECTABLE), ("ue_count", &ROW_UNCORRECTABLE)];
    let mut result = push(host, &directory, files, &[controller, row], out);
    for name in attributes::entries(host, &directory, out)? {
        let Some(channel) = name.strip_prefix("ch").and_then(|rest| rest.strip_suffix("_dimm_label")) else {
            continue;
        };
        let label = dimm_label(&attributes::label(host, &directory, &name), controller, row, channel);
        let files = [format!("ch{channel}_ce_count"), format!("ch{channel}_ue_count")];
        let files = [(&*files[0], &CHANNEL_CORRECTABLE), (&*files[1], &CHANNEL_UNCORRECTABLE)];
        result = result.and(push(host, &directory, files, &[controller, row, channel, &label], out));
    }
    result
}

/// What an administrator wrote on the slot; the kernel's own word for one that nobody labelled is
/// `mc#0csrow#0channel#0`, which node_exporter spells with underscores.
fn dimm_label(label: &str, controller: &str, row: &str, channel: &str) -> String {
    let unlabelled = format!("mc{controller}csrow{row}channel{channel}");
    if label.replace('#', "") == unlabelled {
        return format!("mc{controller}_csrow{row}_channel{channel}");
    }
    label.to_owned()
}

/// Drivers leave out what their hardware cannot count.
fn push(
    host: &mut Host,
    directory: &str,
    files: [(&str, &'static Metric); 2],
    labels: &[&str],
    out: &mut Batch,
) -> Result<(), Fault> {
    for (file, metric) in files {
        if let Some(text) = host.attribute(format_args!("{directory}/{file}"))? {
            let count = text.parse::<u64>();
            let fault = |_| Fault::malformed(&format!("{directory}/{file}"), 1, text, "a whole number");
            out.push(metric, labels, count.map_err(fault)? as f64);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn a_controller_with_a_row_of_one_channel() {
        let files = [
            ("/sys/devices/system/edac/mc/mc0/ce_count", "1\n"),
            ("/sys/devices/system/edac/mc/mc0/ce_noinfo_count", "2\n"),
            ("/sys/devices/system/edac/mc/mc0/ue_count", "5\n"),
            ("/sys/devices/system/edac/mc/mc0/csrow1/ce_count", "3\n"),
            ("/sys/devices/system/edac/mc/mc0/csrow1/ch0_ce_count", "4\n"),
            ("/sys/devices/system/edac/mc/mc0/csrow1/ch0_dimm_label", "DIMM A\n"),
            ("/sys/devices/system/edac/mc/mc0/csrow1/ch1_ue_count", "0\n"),
            ("/sys/devices/system/edac/mc/mc0/csrow1/ch1_dimm_label", "mc#0csrow#1channel#1\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
                node_edac_correctable_errors_total{controller="0"} 1
                node_edac_uncorrectable_errors_total{controller="0"} 5
                node_edac_csrow_correctable_errors_total{controller="0",csrow="unknown"} 2
                node_edac_csrow_correctable_errors_total{controller="0",csrow="1"} 3
                node_edac_channel_correctable_errors_total{controller="0",csrow="1",channel="0",dimm_label="DIMM A"} 4
                node_edac_channel_uncorrectable_errors_total{controller="0",csrow="1",channel="1",dimm_label="mc0_csrow1_channel1"} 0
            "#]],
        );
    }

    #[test]
    fn what_makes_no_sense_does_not_hide_the_rest() {
        let files = [
            ("/sys/devices/system/edac/mc/mc0/ce_count", "few\n"),
            ("/sys/devices/system/edac/mc/mc1/ce_count", "1\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_edac_correctable_errors_total{controller="1"} 1
            fault malformed: /sys/devices/system/edac/mc/mc0/ce_count:1: expected a whole number, found "few"
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[("/sys/devices/system/edac/mc/uevent", "")],
            expect![[r#"
            fault missing: /sys/devices/system/edac/mc/mc*: not on this host
        "#]],
        );
    }
}
