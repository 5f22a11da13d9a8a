//! NAME: how many files a directory holds, and how large they are together.
//!
//! `cargo test` compares its answer with expected.prom; `cargo build --release` makes target/release/libNAME.so, which goes to
//! /etc/hostward/plugins.d/NAME.so.

use hostward_probe::{Batch, Description, Failure, Metric, Probe, export_probe};
use std::fs;

const FILES: Metric = Metric::gauge("NAME_files", "Files in the directory.").labels(&["directory"]).series_max(1);
const BYTES: Metric = Metric::gauge("NAME_size_bytes", "Size of the files in the directory.")
    .unit("bytes")
    .labels(&["directory"])
    .series_max(1);

pub struct Files {
    directory: String,
}

impl Probe for Files {
    const DESCRIPTION: Description = Description {
        config_schema: r#"{"type":"object","properties":{"directory":{"type":"string"}}}"#,
        ..Description::new("NAME", "1.0", "Files of a directory.", &[FILES, BYTES])
    };

    // The configuration is a JSON object of plain texts; take serde_json for more than this.
    fn new(config: &str) -> Result<Self, Failure> {
        let after = config.split_once("\"directory\"").map(|(_, after)| after.split('"').nth(1));
        Ok(Files { directory: after.flatten().unwrap_or("/var/spool").to_owned() })
    }

    fn collect(&mut self, batch: &mut Batch<'_>) -> Result<(), Failure> {
        let (mut files, mut bytes) = (0, 0);
        for entry in fs::read_dir(&self.directory)? {
            let of = entry?.metadata()?;
            if of.is_file() {
                files += 1;
                bytes += of.len();
            }
        }
        batch.emit(&FILES, &[&self.directory], f64::from(files))?;
        batch.emit(&BYTES, &[&self.directory], bytes as f64)
    }
}

export_probe!(Files);
