//! Values that lie far from all others.
//!
//! The measure is the modified z-score of Iglewicz and Hoaglin: the distance from the median in units of the median absolute
//! deviation, for which outliers do not count much. It knows nothing of time; a value can be ordinary by it and still unusual
//! for its hour, which is what `detect` is for.

use super::quantile;

/// From here on a value is an outlier.
const SCORE_FROM: f64 = 3.5;
/// Scales the median absolute deviation to the standard deviation of a normal distribution.
const NORMAL: f64 = 1.4826;
/// The mean absolute deviation in the same sense, for series of which more than half is one value.
const NORMAL_MEAN: f64 = 1.2533;
/// How many are named.
const TOLD_MAX: usize = 5;

/// Values far from the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outliers {
    /// How many.
    pub count: usize,
    /// Share of all values.
    pub share: f64,
    /// The farthest of them.
    pub farthest: Vec<Outlier>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlier {
    /// When.
    pub at_ms: i64,
    /// Which value.
    pub value: f64,
    /// How far, in robust standard deviations.
    pub score: f64,
}

/// From the values in the order of time, and the same sorted.
pub(super) fn outliers(ordered: &[(i64, f64)], sorted: &[f64]) -> Outliers {
    let Some((centre, scale)) = robust(sorted).filter(|(_, scale)| *scale > 0.0) else {
        return Outliers::default();
    };
    let scored = ordered.iter().map(|(at_ms, value)| Outlier {
        at_ms: *at_ms,
        value: *value,
        score: (value - centre).abs() / scale,
    });
    let mut far: Vec<Outlier> = scored.filter(|own| own.score >= SCORE_FROM).collect();
    far.sort_by(|one, other| other.score.total_cmp(&one.score));
    let count = far.len();
    far.truncate(TOLD_MAX);
    Outliers { count, share: count as f64 / ordered.len() as f64, farthest: far }
}

/// Median, and what the deviation would be without the outliers.
pub(super) fn robust(sorted: &[f64]) -> Option<(f64, f64)> {
    let centre = quantile(sorted, 0.5)?;
    let mut distances: Vec<f64> = sorted.iter().map(|value| (value - centre).abs()).collect();
    distances.sort_by(f64::total_cmp);
    let median = NORMAL * quantile(&distances, 0.5)?;
    let mean = distances.iter().map(|distance| distance / distances.len() as f64).sum::<f64>();
    Some((centre, if median > 0.0 { median } else { NORMAL_MEAN * mean }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Outliers {
        let ordered: Vec<_> = (0..).zip(values.iter().copied()).collect();
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        outliers(&ordered, &sorted)
    }

    #[test]
    fn what_is_far_is_named() {
        let mut values: Vec<f64> = (0..100).map(|step| f64::from(step % 10)).collect();
        values[40] = 500.0;
        values[41] = -90.0;
        let found = of(&values);
        assert_eq!((found.count, found.farthest[0].at_ms, found.farthest[1].value), (2, 40, -90.0));
    }

    #[test]
    fn a_series_that_mostly_stands_still_has_outliers_and_a_constant_has_none() {
        let mut values = [1.0; 50];
        assert_eq!(of(&values), Outliers::default());
        values[7] = 2.0;
        assert_eq!(of(&values).count, 1);
        assert_eq!(of(&[]), Outliers::default());
    }
}
