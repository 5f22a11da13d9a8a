//! Which series there are, in the order in which a scrape prints them.

use super::Series;
use super::probe::Probe;
use crate::labels::{Labels, NAME};
use crate::view::{Catalog, Family, Row};
use hostward_model::escaping::is_plain;
use std::collections::{BTreeMap, BTreeSet};

/// Families by name, series by their labels.
pub fn build(series: &[Option<Series>], probes: &[Probe]) -> Catalog {
    let mut families: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (slot, series) in series.iter().enumerate() {
        if let Some(name) = series.as_ref().and_then(Series::family) {
            families.entry(name).or_default().push(slot as u32);
        }
    }
    let stem = |name: &String| name.strip_suffix("_total").is_some_and(|stem| families.contains_key(stem));
    let clashes: BTreeSet<String> = families.keys().filter(|name| stem(name)).cloned().collect();
    let families = families.into_iter().filter_map(|(name, slots)| {
        let clashes = clashes.contains(&name);
        Some(Family { clashes, ..family(name, slots, series)? })
    });
    let is_quoted = series.iter().flatten().any(|series| is_quoted(&series.labels));
    let probes = probes.iter().map(|probe| probe.name.clone()).collect();
    Catalog { families: families.collect(), probes, is_quoted }
}

fn is_quoted(labels: &Labels) -> bool {
    !is_plain(labels.name()) || labels.iter().any(|(name, _)| !is_plain(name))
}

fn family(name: String, mut slots: Vec<u32>, series: &[Option<Series>]) -> Option<Family> {
    let at = |slot: &u32| series[*slot as usize].as_ref();
    let metric = slots.first().and_then(at)?.metric?;
    if metric.kind.has_parts() {
        slots.sort_by_cached_key(|slot| at(slot).map(part_order));
    } else {
        slots.sort_by(|a, b| at(a).map(|s| &s.labels).cmp(&at(b).map(|s| &s.labels)));
    }
    let row = |slot: &u32| {
        let series = at(slot)?;
        Some(Row { prefix: series.prefix.clone()?, slot: *slot, probe: series.probe })
    };
    let rows = slots.iter().filter_map(row).collect();
    Some(Family { name, kind: metric.kind, clashes: false, help: metric.help, rows })
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
