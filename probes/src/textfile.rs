//! Metrics that other programs leave in files, as they do for node_exporter's textfile collector.
//!
//! A program writes `NAME.prom` in the text format into a directory; a file that makes no sense is left out whole,
//! and said. Files are parsed when they change; in between their values are told again.

mod files;
mod merge;

use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use files::{Files, Found};
use hostward_model::{Batch, Metric};
pub use merge::{Row, rows};

static MTIME: Metric =
    Metric::gauge("node_textfile_mtime_seconds", "When a file that was read was last written.", &["file"]);
static ERROR: Metric = Metric::gauge(
    "node_textfile_scrape_error",
    "Whether some file or directory could not be read (1) or all could (0).",
    &[],
);

pub static SPEC: Spec = Spec {
    name: "textfile",
    about: "metrics that other programs write into files",
    doc: "https://prometheus.io/docs/instrumenting/exposition_formats/",
    reads: &["/var/lib/hostward/textfile/*.prom", "/var/lib/prometheus/node-exporter/*.prom"],
    metrics: &[&MTIME, &ERROR],
    settings: &[Setting {
        name: "directories",
        about: "Directories whose *.prom are read; * stands for any part of a name. One that is not there is passed over.",
        default: Preset::List(&["/var/lib/hostward/textfile", "/var/lib/prometheus/node-exporter"]),
    }],
    every_ms: 10_000,
    start: |settings| Box::new(TextFile::new(settings)),
    ..Spec::ASIDE
};

/// The probe.
struct TextFile {
    files: Files,
    rows: Vec<Row>,
    /// What was refused when the rows were made.
    refused: Vec<(String, String)>,
}

impl TextFile {
    fn new(settings: &Settings) -> Self {
        let files = Files::new(settings.list("directories").to_vec());
        TextFile { files, rows: Vec::new(), refused: Vec::new() }
    }
}

impl Probe for TextFile {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        if self.files.look(host) {
            let read = self.files.iter().filter_map(|(path, file)| Some((path, file.families()?)));
            (self.rows, self.refused) = rows(read);
        }
        for row in &self.rows {
            out.push_named(row.metric, row.part, &row.labels(), row.value);
        }
        let broken = self.files.iter().filter_map(|(path, file)| Some((path, file.trouble()?)));
        let refused = self.refused.iter().map(|(path, why)| (path.as_str(), why.as_str()));
        let mut error = false;
        for (path, why) in broken.chain(refused) {
            out.push_gap(path, why, "");
            error = true;
        }
        for (path, file) in self.files.iter() {
            if let Found { families: Ok(_), mtime_s, .. } = file {
                out.push(&MTIME, &[path], *mtime_s);
            }
        }
        out.push(&ERROR, &[], f64::from(error));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
