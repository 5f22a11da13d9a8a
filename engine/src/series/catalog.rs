//! Which series there are, in the order in which a scrape prints them.

use super::Series;
use super::probe::Probe;
use crate::labels::{Labels, NAME};
use hostward_model::escaping::is_plain;
use hostward_model::text::{Format, write_head};
use hostward_model::{Kind, Metric};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// Families in the order of their names, series by family. All that a scrape prints besides values and alerts lies in
/// one piece, in the order in which it is printed.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The families.
    pub families: Vec<Family>,
    /// Their series, family by family, in the order of their labels.
    pub rows: Vec<Row>,
    /// Names of the probes, in the order of [`Row::probe`].
    pub probes: Vec<String>,
    /// Whether some name of a family or label needs quotes.
    pub is_quoted: bool,
    /// What the ranges of the families and rows point into.
    pub text: String,
}

/// The series of one metric name.
#[derive(Debug)]
pub struct Family {
    /// `# HELP` and `# TYPE`, ready to be written.
    pub head: Range<usize>,
    /// The same for OpenMetrics.
    pub open_head: Range<usize>,
    /// Its rows.
    pub rows: Range<usize>,
}

/// One series.
#[derive(Debug)]
pub struct Row {
    /// `name{labels} ` ready to be written.
    pub prefix: Range<usize>,
    /// Slot of the value.
    pub slot: u32,
    /// Index of the probe that yields it.
    pub probe: u16,
}

/// Families by name, series by their labels.
pub fn build(series: &[Option<Series>], probes: &[Probe]) -> Catalog {
    let mut families: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (slot, series) in series.iter().enumerate() {
        if let Some(name) = series.as_ref().and_then(Series::family) {
            families.entry(name).or_default().push(slot as u32);
        }
    }
    let mut catalog = Catalog {
        probes: probes.iter().map(|probe| probe.name.clone()).collect(),
        is_quoted: series.iter().flatten().any(|series| is_quoted(&series.labels)),
        ..Catalog::default()
    };
    for (name, slots) in &families {
        let clashes = name.strip_suffix("_total").is_some_and(|stem| families.contains_key(stem));
        push(&mut catalog, name, clashes, slots, series);
    }
    catalog
}

fn is_quoted(labels: &Labels) -> bool {
    !is_plain(labels.name()) || labels.iter().any(|(name, _)| !is_plain(name))
}

fn push(catalog: &mut Catalog, name: &str, clashes: bool, slots: &[u32], series: &[Option<Series>]) {
    let mut members: Vec<_> =
        slots.iter().filter_map(|slot| Some((*slot, series[*slot as usize].as_ref()?))).collect();
    let Some(metric) = members.first().and_then(|(_, series)| series.metric) else { return };
    match metric.kind.has_parts() {
        true => members.sort_by_cached_key(|(_, series)| part_order(series)),
        false => members.sort_by(|(_, a), (_, b)| a.labels.cmp(&b.labels)),
    }
    let (head, open_head) = heads(&mut catalog.text, name, metric, clashes);
    let first = catalog.rows.len();
    for (slot, series) in members {
        let prefix = written(&mut catalog.text, |text| _ = write!(text, "{} ", series.labels));
        catalog.rows.push(Row { prefix, slot, probe: series.probe });
    }
    catalog.families.push(Family { head, open_head, rows: first..catalog.rows.len() });
}

/// Where another family has a counter's name without `_total`, OpenMetrics, which leaves it out, is told of the
/// counter as of no known type.
fn heads(text: &mut String, name: &str, metric: &Metric, clashes: bool) -> (Range<usize>, Range<usize>) {
    let open_kind = if clashes { Kind::Untyped } else { metric.kind };
    let head = |text: &mut String, format, kind| write_head(text, format, name, kind, metric.help);
    let plain = written(text, |text| head(text, Format::Text, metric.kind));
    let open = written(text, |text| head(text, Format::OpenMetrics, open_kind));
    if text[plain.clone()] == text[open.clone()] {
        text.truncate(open.start);
        return (plain.clone(), plain);
    }
    (plain, open)
}

fn written(text: &mut String, write: impl FnOnce(&mut String)) -> Range<usize> {
    let start = text.len();
    write(text);
    start..text.len()
}

/// Buckets and quantiles by their bound, then sum and count, each metric in one piece: OpenMetrics wants it so.
fn part_order(series: &Series) -> (Vec<(&str, &str)>, u8, u64) {
    let own = |name: &str| !matches!(name, NAME | "le" | "quantile");
    let labels = series.labels.iter().filter(|(name, _)| own(name)).collect();
    let rank = match series.part() {
        "_sum" => 1,
        "_count" => 2,
        _ => 0,
    };
    let bound = ["le", "quantile"].iter().find_map(|name| series.labels.get(name).parse::<f64>().ok());
    (labels, rank, ordered(bound.unwrap_or(0.0)))
}

/// Bits that are in the order of the numbers.
fn ordered(number: f64) -> u64 {
    let bits = number.to_bits();
    if number.is_sign_negative() { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use super::ordered;

    #[test]
    fn bits_are_in_the_order_of_the_numbers() {
        let numbers = [f64::NEG_INFINITY, -2.5, -1.0, 0.0, 1e-9, 0.5, 10.0, f64::INFINITY];
        assert!(numbers.is_sorted_by_key(|number| ordered(*number)));
    }
}
