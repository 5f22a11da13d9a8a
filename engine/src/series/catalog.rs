//! Which series there are, in the order in which a scrape prints them.

use super::Series;
use crate::labels::NAME;
use crate::view::{Catalog, Family};
use std::collections::BTreeMap;

/// Families by name, series by their labels.
pub fn build(series: &[Option<Series>]) -> Catalog {
    let mut families: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (slot, series) in series.iter().enumerate() {
        if let Some(series) = series.as_ref().filter(|series| series.metric.is_some()) {
            families.entry(series.labels.get(NAME)).or_default().push(slot as u32);
        }
    }
    let families = families.into_iter().filter_map(|(name, slots)| family(name, slots, series));
    Catalog { families: families.collect() }
}

fn family(name: &str, mut slots: Vec<u32>, series: &[Option<Series>]) -> Option<Family> {
    let at = |slot: &u32| series[*slot as usize].as_ref();
    slots.sort_by(|a, b| at(a).map(|s| &s.labels).cmp(&at(b).map(|s| &s.labels)));
    let metric = slots.first().and_then(at)?.metric?;
    let rows = slots.iter().filter_map(|slot| Some((at(slot)?.prefix.clone()?, *slot))).collect();
    Some(Family { name: name.to_owned(), kind: metric.kind, help: metric.help, rows })
}
