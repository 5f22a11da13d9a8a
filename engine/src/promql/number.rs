//! Sums and quantiles as Prometheus computes them.

/// A sum that keeps what rounding would lose (Kahan's sum in Neumaier's variant).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// Adds a term.
    pub fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        if sum.is_infinite() {
            self.lost = 0.0;
        } else if self.sum.abs() >= term.abs() {
            self.lost += (self.sum - sum) + term;
        } else {
            self.lost += (term - sum) + self.sum;
        }
        self.sum = sum;
    }

    /// The sum of all terms.
    pub fn total(self) -> f64 {
        self.sum + self.lost
    }
}

/// The sum of values.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = Sum::default();
    values.into_iter().for_each(|value| sum.add(value));
    sum.total()
}

/// The mean; falls back to a running mean when the sum leaves the range of an `f64`.
pub fn mean(values: impl IntoIterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().into_iter().count() as f64;
    let total = sum(values.clone());
    if total.is_infinite() { running_mean(values) } else { total / count }
}

fn running_mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut mean = 0.0_f64;
    for (index, value) in values.into_iter().enumerate() {
        let count = index as f64 + 1.0;
        let stays = mean.is_infinite() && !value.is_nan() && (value.is_finite() || value == mean);
        if !stays {
            mean += value / count - mean / count;
        }
    }
    mean
}

/// The variance over the whole population (Welford's method).
pub fn variance(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, Sum::default(), Sum::default());
    for value in values {
        count += 1.0;
        let delta = value - mean.total();
        mean.add(delta / count);
        squares.add(delta * (value - mean.total()));
    }
    squares.total() / count
}

/// The greatest value; NaN only when there is nothing else.
pub fn max(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::NAN, |max, value| if value > max || max.is_nan() { value } else { max })
}

/// The smallest value; NaN only when there is nothing else.
pub fn min(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::NAN, |min, value| if value < min || min.is_nan() { value } else { min })
}

/// The φ-quantile with linear interpolation; below 0 it is -Inf, above 1 +Inf. NaN counts as smallest.
pub fn quantile(share: f64, mut values: Vec<f64>) -> f64 {
    if values.is_empty() || share.is_nan() {
        return f64::NAN;
    }
    if !(0.0..=1.0).contains(&share) {
        return if share < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    values.sort_by(ascending);
    let rank = share * (values.len() - 1) as f64;
    let (lower, upper) = (rank.floor() as usize, (rank.floor() as usize + 1).min(values.len() - 1));
    let weight = rank - rank.floor();
    values[lower] * (1.0 - weight) + values[upper] * weight
}

/// Ascending, NaN first.
pub fn ascending(a: &f64, b: &f64) -> std::cmp::Ordering {
    b.is_nan().cmp(&a.is_nan()).then(a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_keeps_the_small_terms() {
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(sum([f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(sum([f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    }

    #[test]
    fn a_mean_survives_an_overflow() {
        assert_eq!(mean([f64::MAX, f64::MAX]), f64::MAX);
        assert_eq!(mean([f64::INFINITY, 5.0]), f64::INFINITY);
        assert!(mean([f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(0.75, vec![3.0, 1.0, 2.0]), 2.5);
        assert_eq!(quantile(-0.1, vec![1.0]), f64::NEG_INFINITY);
        assert_eq!(quantile(1.1, vec![1.0]), f64::INFINITY);
        assert_eq!(quantile(1.0, vec![f64::NAN, 1.0]), 1.0);
    }

    #[test]
    fn extremes_pass_over_nan() {
        assert_eq!((max([f64::NAN, 2.0, 3.0]), min([2.0, f64::NAN, 3.0])), (3.0, 2.0));
        assert!(max([f64::NAN]).is_nan());
    }
}
