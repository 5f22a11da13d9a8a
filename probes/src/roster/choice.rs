//! Which names get series of their own: the largest, and for as long as nobody is clearly larger.

use super::{Entry, Measure};
use std::collections::BTreeMap;

/// Weight of the newest run in a score: at a run each 10 s, half of it is of the last half minute.
const NEWEST: f64 = 0.2;
/// How much larger a name must be than the smallest named one to take its place, as a factor and in shares.
const CLEARLY: f64 = 1.5;
const MARGIN: f64 = 0.001;

type Names<const C: usize, const G: usize> = BTreeMap<String, Entry<C, G>>;

/// Takes the run into the scores. The first run says what was used since the sources began.
pub fn score<const C: usize, const G: usize>(names: &mut Names<C, G>, measures: &[Measure], first_run: bool) {
    let newest = if first_run { 1.0 } else { NEWEST };
    names.values_mut().for_each(|entry| entry.score *= 1.0 - newest);
    for measure in measures {
        let total: f64 = names.values().map(|entry| measure.of(entry)).sum();
        if total > 0.0 {
            names.values_mut().for_each(|entry| entry.score += newest * measure.of(entry) / total);
        }
    }
}

impl Measure {
    fn of<const C: usize, const G: usize>(&self, entry: &Entry<C, G>) -> f64 {
        match self {
            Measure::Increase(indices) => {
                indices.iter().filter_map(|&index| entry.increase[index]).sum::<u64>() as f64
            }
            Measure::Level(index) => entry.gauges[*index].unwrap_or(0) as f64,
        }
    }
}

/// Fills what is free, then has the largest of those outside take the places of the smallest inside.
pub fn choose<const C: usize, const G: usize>(names: &mut Names<C, G>, top: usize) {
    let (mut inside, mut outside): (Vec<_>, Vec<_>) = names.iter_mut().partition(|(_, entry)| entry.named);
    if outside.is_empty() {
        return;
    }
    outside.sort_by(|(_, left), (_, right)| right.score.total_cmp(&left.score));
    inside.sort_by(|(_, left), (_, right)| left.score.total_cmp(&right.score));
    let mut outside = outside.into_iter().filter(|(_, entry)| entry.count > 0).map(|(_, entry)| entry);
    let free = top.saturating_sub(inside.len());
    outside.by_ref().take(free).for_each(|entry| entry.named = true);
    for ((_, smallest), largest) in inside.into_iter().zip(outside) {
        if largest.score <= smallest.score * CLEARLY + MARGIN {
            break;
        }
        (smallest.named, largest.named) = (false, true);
    }
}
