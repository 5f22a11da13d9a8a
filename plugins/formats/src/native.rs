//! hostward's own: Prometheus text or OpenMetrics on standard output, from a plugin that runs once or stays.
//!
//! A text that ends with `# EOF` is held to OpenMetrics, any other to text 0.0.4; either is strict and whole or refused whole. Names
//! are the author's. Families come out as text 0.0.4 has them, so that there is one way to carry on with them.

use crate::exposition::{self, Family, Format, Sample, Type};
use crate::sheet::Again;
use crate::sheet::Sheet;
use crate::textfile::{fault, refused, utf8};
use crate::{Limits, Output, Report, failure};

/// Reads one run or one batch.
pub fn read(output: &Output, limits: &Limits) -> Report {
    let sheet = Sheet::new(limits, Again::Replace);
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
    let format = match text.strip_suffix('\n').unwrap_or(text).rsplit('\n').next() {
        Some("# EOF") => Format::OpenMetrics,
        _ => Format::Text,
    };
    let families = exposition::read(text, format).map_err(fault)?;
    Ok(match format {
        Format::Text => families,
        Format::OpenMetrics => families.into_iter().flat_map(as_text).collect(),
    })
}

/// The families of text 0.0.4 that say what a family of OpenMetrics says: each suffix that 0.0.4 does not know in the family's
/// type becomes a family of its own.
fn as_text(family: Family) -> Vec<Family> {
    let own: &[&str] = match family.kind {
        Type::Histogram => &["_bucket", "_sum", "_count"],
        Type::GaugeHistogram => &["_bucket"],
        Type::Summary => &["", "_sum", "_count"],
        _ => &[],
    };
    let main = match family.kind {
        Type::Counter => format!("{}_total", family.name),
        Type::Info => format!("{}_info", family.name),
        _ => family.name.clone(),
    };
    let mut families: Vec<Family> = Vec::new();
    for sample in family.samples {
        let suffix = sample.name.strip_prefix(&family.name).unwrap_or("");
        let name = if own.contains(&suffix) { &main } else { &sample.name };
        let kind = if *name == main { text_kind(family.kind) } else { Type::Gauge };
        let at = families.iter().position(|family| family.name == *name).unwrap_or_else(|| {
            let (help, unit) = (family.help.clone(), family.unit.clone());
            families.push(Family { name: name.clone(), kind, help, unit, samples: Vec::new() });
            families.len() - 1
        });
        families[at].samples.push(Sample { exemplar: None, ..sample });
    }
    families
}

fn text_kind(kind: Type) -> Type {
    match kind {
        Type::GaugeHistogram => Type::Histogram,
        Type::Info | Type::StateSet => Type::Gauge,
        kind => kind,
    }
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
        let refused = family.samples.iter().find_map(|sample| limits.fit(&sample.name, &sample.labels).err());
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
