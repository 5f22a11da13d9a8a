//! `.prom`: what node_exporter's textfile collector takes, from a file or from a script that prints one.
//!
//! The text is strict and whole or refused whole. A timestamp refuses it, as node_exporter does: such a file would tell
//! an old value as a new one. Names are the author's.

use crate::exposition::{self, Family};
use crate::sheet::{Again, Sheet};
use crate::whole::{bounded, refused, utf8};
use crate::{Limits, Output, Report, failure};

/// Reads one file or output.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let sheet = Sheet::new(limits, Again::Reject);
    if let Some(why) = failure(output, 0) {
        return sheet.unknown(why);
    }
    match families(output.stdout) {
        Ok(families) => bounded(families, output, sheet),
        Err((line, why)) => refused(sheet, line, &why),
    }
}

fn families(bytes: &[u8]) -> Result<Vec<Family>, (usize, String)> {
    let text = utf8(bytes)?;
    let families =
        exposition::read(text, exposition::Format::Text).map_err(|error| (error.line, error.to_string()))?;
    match families.iter().flat_map(|family| &family.samples).find(|sample| sample.timestamp_s.is_some()) {
        Some(sample) => Err((0, format!("{} has a timestamp of its own; leave it out", sample.name))),
        None => Ok(families),
    }
}
