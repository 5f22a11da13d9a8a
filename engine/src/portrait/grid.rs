//! The series on even steps, for what needs them.

use super::Sampling;

/// Steps that are looked at; a longer series is averaged to fewer.
const STEPS_MAX: usize = 8192;
/// Series with fewer values have no shape over time.
const VALUES_MIN: usize = 12;
/// A grid with less than this share of its steps filled says nothing.
const FILLED_MIN: f64 = 0.3;

/// Means of equal stretches of time; what is absent is filled between its neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The first step begins here.
    pub from_ms: i64,
    /// Length of a step.
    pub step_ms: f64,
    /// One value for each step.
    pub values: Vec<f64>,
}

impl Grid {
    /// By the usual distance of the values, or by a multiple of it.
    pub(super) fn of(ordered: &[(i64, f64)], sampling: &Sampling) -> Option<Grid> {
        let (Some(first), Some(last)) = (ordered.first(), ordered.last()) else { return None };
        let span_ms = last.0.checked_sub(first.0)? as f64;
        let interval_ms = sampling.interval?.median_ms;
        let step_ms = interval_ms * (span_ms / interval_ms / (STEPS_MAX - 1) as f64).ceil().max(1.0);
        let steps = (span_ms / step_ms).round() as usize + 1;
        let mut sums = vec![(0.0, 0u32); steps];
        for (at_ms, value) in ordered {
            let place = ((at_ms - first.0) as f64 / step_ms).round() as usize;
            let (sum, count) = &mut sums[place.min(steps - 1)];
            (*sum, *count) = (*sum + value, *count + 1);
        }
        let means: Vec<Option<f64>> =
            sums.iter().map(|(sum, count)| (*count > 0).then(|| sum / f64::from(*count))).collect();
        let filled = means.iter().flatten().count();
        let is_enough = filled >= VALUES_MIN && filled as f64 >= FILLED_MIN * steps as f64;
        is_enough.then(|| Grid { from_ms: first.0, step_ms, values: fill(&means) })
    }

    /// How many steps a span of time has.
    pub(super) fn steps(&self, span_ms: i64) -> usize {
        (span_ms as f64 / self.step_ms).round() as usize
    }
}

/// Straight lines over what is absent. The first and the last are there.
fn fill(means: &[Option<f64>]) -> Vec<f64> {
    let mut values = Vec::with_capacity(means.len());
    let mut known = means.first().copied().flatten().unwrap_or(0.0);
    for (place, mean) in means.iter().enumerate() {
        if let Some(mean) = mean {
            let (from, from_place) = (known, values.len());
            let steps = (place + 1 - from_place) as f64;
            (from_place..place)
                .for_each(|at| values.push(from + (mean - from) * ((at + 1 - from_place) as f64 / steps)));
            values.push(*mean);
            known = *mean;
        }
    }
    values
}

/// The points without a straight line through them.
pub(super) fn detrended(values: &[f64], slope: f64) -> Vec<f64> {
    values.iter().enumerate().map(|(step, value)| value - slope * step as f64).collect()
}

/// Mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().map(|value| value / values.len() as f64).sum()
}

/// Variance around the mean; 0 for what rounding leaves of a constant.
pub(super) fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let variance = values.iter().map(|value| (value - mean).powi(2) / values.len() as f64).sum::<f64>();
    if variance > (1e-12 * mean).powi(2) { variance } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::{Point, sampling::sampling};
    use super::*;

    fn grid(points: &[(i64, f64)]) -> Option<Grid> {
        let points: Vec<Point> =
            points.iter().map(|(at_ms, value)| Point { at_ms: *at_ms, value: Some(*value) }).collect();
        let (sampling, ordered) = sampling(&points);
        Grid::of(&ordered, &sampling)
    }

    #[test]
    fn gaps_are_bridged() {
        let points: Vec<_> =
            (0..20).filter(|step| ![7, 8].contains(step)).map(|step| (step * 10, step as f64)).collect();
        let found = grid(&points).unwrap();
        assert_eq!((found.step_ms, found.values), (10.0, (0..20).map(f64::from).collect()));
    }

    #[test]
    fn long_series_are_averaged_and_scattered_ones_refused() {
        let points: Vec<_> = (0..20_000).map(|step| (step * 10, 1.0)).collect();
        let found = grid(&points).unwrap();
        assert!(
            found.values.len() <= STEPS_MAX && found.step_ms == 30.0,
            "{} {}",
            found.values.len(),
            found.step_ms
        );
        let scattered: Vec<_> = (0..12).map(|step| (step + if step > 6 { 1_000 } else { 0 }, 1.0)).collect();
        assert_eq!((grid(&scattered), grid(&points[..5])), (None, None));
    }
}
