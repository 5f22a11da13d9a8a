//! Mean, spread, skew and weight of the tails.

/// The first four moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the values themselves, not of a population that they were drawn from.
    pub deviation: f64,
    /// Above 0 when the tail to the right is the longer one; none when all values are alike.
    pub skewness: Option<f64>,
    /// Excess kurtosis: 0 for a normal distribution, above it for heavier tails; none when all values are alike.
    pub kurtosis: Option<f64>,
}

/// In two passes: sums of powers alone lose their digits when the mean is large.
pub(super) fn moments(values: &[f64]) -> Option<Moments> {
    let count = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    // Divided before it is summed, so that the largest numbers do not overflow.
    let mean = values.iter().map(|value| value / count).sum::<f64>();
    let central = |power: i32| values.iter().map(|value| (value - mean).powi(power) / count).sum::<f64>();
    let variance = central(2);
    let scaled = |power: i32| {
        let moment = central(power) / variance.powf(f64::from(power) / 2.0);
        Some(moment).filter(|moment| moment.is_finite())
    };
    // What is left of a constant by rounding is no spread.
    let varies = variance.sqrt() > 1e-12 * mean.abs();
    Some(Moments {
        mean,
        deviation: if varies { variance.sqrt() } else { 0.0 },
        skewness: scaled(3).filter(|_| varies),
        kurtosis: scaled(4).filter(|_| varies).map(|moment| moment - 3.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_small_series() {
        let found = moments(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!((found.mean, found.deviation), (5.0, 2.0));
        assert!((found.skewness.unwrap() - 0.65625).abs() < 1e-12);
        assert!((found.kurtosis.unwrap() + 0.21875).abs() < 1e-12);
    }

    #[test]
    fn a_constant_has_no_shape() {
        let found = moments(&[0.1; 7]).unwrap();
        assert_eq!((found.deviation, found.skewness, found.kurtosis), (0.0, None, None));
        assert_eq!(moments(&[]), None);
    }

    #[test]
    fn a_large_mean_does_not_swallow_the_spread() {
        let found = moments(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]).unwrap();
        assert!((found.deviation - (2f64 / 3.0).sqrt()).abs() < 1e-9);
    }
}
