//! How values are spread.

use super::{Moments, moments, quantile};

/// Quantiles that are told.
const SHARES: [f64; 9] = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0];
/// Bins of the histogram.
const BINS: usize = 24;
/// With at most so many different values, a series moves in steps.
const STEPS_MAX: usize = 32;
/// Excess kurtosis from which tails are heavy; that of an exponential distribution is 6.
const HEAVY_FROM: f64 = 6.0;

/// How the values of a series are spread.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Values, one for each time.
    pub count: usize,
    /// Different ones among them.
    pub distinct: usize,
    /// Share of zeros.
    pub zeros: f64,
    /// Mean, deviation and what follows.
    pub moments: Moments,
    /// Share and quantile.
    pub quantiles: Vec<(f64, f64)>,
    /// Values in bins of equal width from the smallest to the largest.
    pub histogram: Vec<usize>,
    /// What kind of series it looks like.
    pub shape: Shape,
}

/// What kind of series it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It never moves.
    Constant,
    /// It has two values.
    Binary,
    /// It never falls, as a counter does.
    Rising,
    /// It is zero most of the time.
    Sparse,
    /// It has few different values.
    Stepped,
    /// Rare values are far from the others.
    HeavyTailed,
    /// None of these.
    Continuous,
}

impl Shape {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Shape::Constant => "constant",
            Shape::Binary => "binary",
            Shape::Rising => "rising",
            Shape::Sparse => "sparse",
            Shape::Stepped => "stepped",
            Shape::HeavyTailed => "heavy-tailed",
            Shape::Continuous => "continuous",
        }
    }
}

/// From the values in the order of time, and the same sorted.
pub(super) fn distribution(ordered: &[(i64, f64)], sorted: &[f64]) -> Option<Distribution> {
    let moments = moments::moments(sorted)?;
    let distinct = 1 + sorted.windows(2).filter(|two| two[0] != two[1]).count();
    let zeros = sorted.iter().filter(|value| **value == 0.0).count() as f64 / sorted.len() as f64;
    Some(Distribution {
        count: sorted.len(),
        distinct,
        zeros,
        moments,
        quantiles: SHARES.iter().filter_map(|share| Some((*share, quantile(sorted, *share)?))).collect(),
        histogram: histogram(sorted),
        shape: shape(ordered, distinct, zeros, &moments),
    })
}

fn shape(ordered: &[(i64, f64)], distinct: usize, zeros: f64, moments: &Moments) -> Shape {
    let rises = || ordered.windows(2).all(|two| two[1].1 >= two[0].1);
    match distinct {
        1 => Shape::Constant,
        2 => Shape::Binary,
        _ if rises() => Shape::Rising,
        _ if zeros > 0.5 => Shape::Sparse,
        _ if distinct <= STEPS_MAX && distinct * 4 <= ordered.len() => Shape::Stepped,
        _ if moments.kurtosis.is_some_and(|excess| excess >= HEAVY_FROM) => Shape::HeavyTailed,
        _ => Shape::Continuous,
    }
}

fn histogram(sorted: &[f64]) -> Vec<usize> {
    let mut bins = vec![0; BINS];
    let (Some(low), Some(high)) = (sorted.first(), sorted.last()) else { return bins };
    for value in sorted {
        // Halves, so that the whole range of f64 does not overflow; a series that never moves is all in the first bin.
        let place = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0).max(f64::MIN_POSITIVE);
        bins[((place * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Distribution {
        let ordered: Vec<_> = (0..).zip(values.iter().copied()).collect();
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        distribution(&ordered, &sorted).unwrap()
    }

    #[test]
    fn shapes_are_told_apart() {
        let wave: Vec<f64> = (0..200).map(|step| f64::from(step).sin()).collect();
        let burst: Vec<f64> =
            (0..200).map(|step| if step % 50 == 7 { 1e4 } else { f64::from(step).cos() }).collect();
        let steps: Vec<f64> = (0..200).map(|step| f64::from(step % 5)).collect();
        let rare: Vec<f64> = (0..200).map(|step| if step % 4 == 0 { f64::from(step) } else { 0.0 }).collect();
        let cases = [
            (of(&[3.0; 9]).shape, Shape::Constant),
            (of(&[0.0, 1.0, 1.0, 0.0]).shape, Shape::Binary),
            (of(&[1.0, 2.0, 2.0, 7.5]).shape, Shape::Rising),
            (of(&rare).shape, Shape::Sparse),
            (of(&steps).shape, Shape::Stepped),
            (of(&burst).shape, Shape::HeavyTailed),
            (of(&wave).shape, Shape::Continuous),
        ];
        cases.iter().for_each(|(found, expected)| assert_eq!(found, expected));
    }

    #[test]
    fn bins_hold_every_value() {
        let found = of(&[0.0, 1.0, 2.0, 24.0]);
        assert_eq!(
            (found.histogram[0], found.histogram[1], found.histogram[2], found.histogram[23]),
            (1, 1, 1, 1)
        );
        assert_eq!(of(&[f64::MIN, f64::MAX]).histogram.iter().sum::<usize>(), 2);
        assert_eq!(of(&[5.0; 4]).histogram[0], 4);
        assert_eq!((found.distinct, found.zeros, found.quantiles[4]), (4, 0.25, (0.5, 1.5)));
    }
}
