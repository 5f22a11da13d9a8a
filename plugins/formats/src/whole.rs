//! Texts that are read whole or refused whole: what is said of them either way.

use crate::exposition::{Family, ReadError, Sample, Type};
use crate::sheet::{Sheet, timely};
use crate::{Output, Report};

/// The text, or the line that is none.
pub fn utf8(bytes: &[u8]) -> Result<&str, (usize, String)> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        (line, "not UTF-8".to_owned())
    })
}

/// The line that an exposition is refused for, and why.
pub fn fault(error: ReadError) -> (usize, String) {
    let ReadError { line, column, word, message } = error;
    let found = if word.is_empty() { String::new() } else { format!(", found {word:?}") };
    (line, format!("column {column}: {message}{found}"))
}

/// The report of a text that is refused because of a line.
pub fn refused(mut sheet: Sheet<'_>, line: usize, why: &str) -> Report {
    sheet.reject(line, why);
    sheet.unknown(if line == 0 { why.to_owned() } else { format!("line {line}: {why}") })
}

/// The report of families that were read whole. Histograms and summaries are within the bound of series or left out; of the others
/// the first samples are kept.
pub fn bounded(families: Vec<Family>, output: &Output, mut sheet: Sheet<'_>) -> Report {
    let limits = sheet.limits;
    if output.stdout.len() > limits.output_bytes_max {
        sheet.report.dropped.bytes = output.stdout.len() - limits.output_bytes_max;
        return sheet.unknown(format!("it printed more than {} bytes", limits.output_bytes_max));
    }
    let mut room = limits.series_max;
    for mut family in families {
        let fits = |sample: &Sample| {
            limits.fit(&sample.name, &sample.labels)?;
            timely(&sample.name, sample.timestamp_s)
        };
        let refused = family.samples.iter().find_map(|sample| fits(sample).err());
        if let Some(why) = refused {
            sheet.reject(0, why);
            continue;
        }
        let over = family.samples.len().saturating_sub(room);
        let whole = matches!(family.kind, Type::Histogram | Type::Summary) && over > 0;
        let dropped = if whole { family.samples.len() } else { over };
        family.samples.truncate(family.samples.len() - dropped);
        sheet.report.dropped.series += dropped;
        room -= family.samples.len();
        if dropped == 0 || !family.samples.is_empty() {
            sheet.report.families.push(family);
        }
    }
    sheet.report
}
