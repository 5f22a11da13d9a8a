//! Quantiles.

/// The quantile `share` of sorted values, between neighbours in proportion; none of nothing.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share.clamp(0.0, 1.0) * (sorted.len().checked_sub(1)?) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    // Written so that the ends of the range of f64 do not overflow.
    Some(sorted[low] * (1.0 - part) + sorted[high] * part)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_lie_between_neighbours() {
        let values = [1.0, 2.0, 3.0, 10.0];
        let found = [0.0, 0.5, 0.75, 1.0].map(|share| quantile(&values, share).unwrap());
        assert_eq!(found, [1.0, 2.5, 4.75, 10.0]);
        assert_eq!((quantile(&[], 0.5), quantile(&[7.0], 0.3)), (None, Some(7.0)));
        assert_eq!(quantile(&[f64::MIN, f64::MAX], 0.5), Some(0.0));
    }
}
